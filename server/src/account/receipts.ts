/** Receipts as they are served: to anybody who has the id, exactly as they were signed. */
import { asc, eq, sql } from "drizzle-orm";
import type { ReceiptKey, SignedReceipt } from "@starai/protocol/receipts";
import type { Base } from "../base.ts";
import { bills, receiptKeys, runs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** @param id  a bill's, or the run's that it is of @throws Refusal `not_found` where there is none, or none yet */
export async function receiptOf({ db }: Pick<Base, "db">, id: string): Promise<SignedReceipt> {
  const [bill] = await db
    .select({ receipt: bills.receipt, key: bills.receiptKey, signature: bills.signature })
    .from(bills)
    .where(eq(bills.id, sql`coalesce((select ${runs.bill} from ${runs} where ${runs.id} = ${id}), ${id})`));
  if (bill === undefined) throw new Refusal("not_found", `There is no receipt ${id}.`);
  const { receipt, key, signature } = bill;
  if (receipt === null || key === null || signature === null)
    throw new Refusal("not_found", `There is no receipt ${id} yet: it is written when the answer has ended.`);
  return { receipt, key, signature };
}

/** All there ever were, oldest first: one is made at the first start, and with each rotation. */
export async function listReceiptKeys({ db }: Pick<Base, "db">): Promise<ReceiptKey[]> {
  const rows = await db.select().from(receiptKeys).orderBy(asc(receiptKeys.createdAt), asc(receiptKeys.id));
  return rows.map(({ id, publicKey, createdAt, retiredAt }) => ({
    id,
    publicKey,
    createdAt: createdAt.toISOString(),
    retiredAt: retiredAt?.toISOString() ?? null,
  }));
}
