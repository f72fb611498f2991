/**
 * The key of this start: published before the first receipt is signed with it, and kept published for ever. There is one
 * in use at a time; another one before it (of another machine, or to be replaced) is retired now. The caller has the
 * database to itself.
 */
import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { Base } from "../base.ts";
import { receiptKeys } from "../db/schema.ts";
import { keyOfSeed } from "./receipt-key.ts";
import { makeReceiptKey, receiptKeyIn } from "./receipt-key-file.ts";
import { ReceiptSigner } from "./receipt-signer.ts";

type Parts = Pick<Base, "config" | "db">;

/** @throws a sentence where the key cannot be read, or is one to be replaced and stands in the environment */
export async function loadReceiptSigner({ config, db }: Parts): Promise<ReceiptSigner> {
  const { home, receiptSeed } = config;
  const found = receiptSeed === null ? await receiptKeyIn(home) : keyOfSeed(receiptSeed);
  if (found === null) throw new Error("STARAI_RECEIPT_KEY is not 32 bytes in base64url.");
  const signer = new ReceiptSigner(found);
  if (!(await isOver(db, signer))) return publish(db, signer);
  if (receiptSeed !== null)
    throw new Error(
      `STARAI_RECEIPT_KEY holds the key ${signer.id}, which is retired or to be replaced: set a new one. ` +
        "Receipts that were signed with the old one stay valid.",
    );
  return publish(db, new ReceiptSigner(await makeReceiptKey(home)));
}

async function isOver(db: Parts["db"], { id }: ReceiptSigner): Promise<boolean> {
  const [known] = await db.select().from(receiptKeys).where(eq(receiptKeys.id, id));
  return known !== undefined && (known.retiredAt !== null || known.replaceAskedAt !== null);
}

async function publish(db: Parts["db"], signer: ReceiptSigner): Promise<ReceiptSigner> {
  const { id, publicKey } = signer;
  await db.transaction(async (tx) => {
    await tx
      .update(receiptKeys)
      .set({ retiredAt: sql`now()` })
      .where(and(ne(receiptKeys.id, id), isNull(receiptKeys.retiredAt)));
    await tx.insert(receiptKeys).values({ id, publicKey }).onConflictDoNothing();
  });
  return signer;
}
