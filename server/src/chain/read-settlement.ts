/**
 * A settlement's coins on the chain: they arrived where they were sent, or a vault refused to send them. Between our
 * accounts they are in transit, so that only the settlement's row has its outcome here.
 */
import { and, eq } from "drizzle-orm";
import { VaultOp } from "@starai/contracts/vault-codes";
import type { Executor } from "../db/executor.ts";
import { settlements } from "../db/schema.ts";
import type { SettlementPart, WatchedRole } from "../db/schema.ts";
import type { AccountTransaction } from "./account-transaction.ts";
import { headOf } from "./message-head.ts";
import { ownReading } from "./reading.ts";
import type { Reading } from "./reading.ts";

/** What a vault sends the pool (reward-distributor/messages.tolk). */
const FUND_POOL = 0x5ad10010;

interface Notice {
  /** Where it is seen, and who sent it. */
  readonly at: WatchedRole;
  readonly from: WatchedRole;
  readonly op: number;
  readonly part: SettlementPart;
}

const ARRIVED: readonly Notice[] = [
  { at: "pool", from: "deposits", op: FUND_POOL, part: "pay_pool" },
  { at: "pool", from: "till", op: FUND_POOL, part: "till_pool" },
  { at: "hot", from: "till", op: VaultOp.PaidOut, part: "draw_till" },
  { at: "deposits", from: "hot", op: VaultOp.Deposit, part: "give_back" },
];
const REFUSED: readonly Notice[] = [
  { at: "hot", from: "deposits", op: VaultOp.PayPool, part: "pay_pool" },
  { at: "deposits", from: "pool", op: FUND_POOL, part: "pay_pool" },
  { at: "hot", from: "till", op: VaultOp.PayPool, part: "till_pool" },
  { at: "till", from: "pool", op: FUND_POOL, part: "till_pool" },
  { at: "hot", from: "till", op: VaultOp.PayHot, part: "draw_till" },
  { at: "hot", from: "deposits", op: VaultOp.Deposit, part: "give_back" },
];

/** null: it has to do with no settlement that is under way. */
export async function readSettlement(tx: Executor, transaction: AccountTransaction): Promise<Reading | null> {
  const { role, in: came, aborted, at } = transaction;
  if (came === null || came.fromRole === null || aborted) return null;
  const head = headOf(came);
  const notice = (came.bounced ? REFUSED : ARRIVED).find(
    (one) => one.at === role && one.from === came.fromRole && one.op === head?.op,
  );
  if (head === null || notice === undefined) return null;
  const queryId = BigInt.asIntN(64, head.queryId);
  const [ended] = await tx
    .update(settlements)
    .set({ state: came.bounced ? "failed" : "moved", endedAt: at })
    .where(and(eq(settlements.queryId, queryId), eq(settlements.part, notice.part), eq(settlements.state, "asked")))
    .returning({ outgoing: settlements.outgoing });
  if (ended === undefined) return null;
  return { ...ownReading(transaction, came.bounced ? "settlement_refused" : "settled"), ref: ended.outgoing };
}
