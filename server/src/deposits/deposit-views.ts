/** A person's deposits as their app shows them. */
import { and, desc, eq, inArray } from "drizzle-orm";
import type { DepositView } from "@starai/protocol/wallet";
import type { Executor } from "../db/executor.ts";
import { deposits } from "../db/schema.ts";

const SHOWN_MAX = 20;

/** The newest first. */
export async function depositsOf(db: Executor, person: string): Promise<DepositView[]> {
  const rows = await db
    .select()
    .from(deposits)
    .where(and(eq(deposits.person, person), inArray(deposits.state, ["credited", "checking"])))
    .orderBy(desc(deposits.at), desc(deposits.lt))
    .limit(SHOWN_MAX);
  return rows.map(({ id, amount, at, state, hash }) => ({
    id,
    amount: String(amount),
    at: at.toISOString(),
    state: state as DepositView["state"],
    transaction: hash.toString("hex"),
  }));
}
