/** Deposits that waited become somebody's: their wallet was bound, a second endpoint showed them, or an operator decided. */
import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { ledgerKey } from "../billing/ledger-key.ts";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { Chain } from "../chain/chain.ts";
import type { Executor } from "../db/executor.ts";
import { deposits } from "../db/schema.ts";
import { applyAll } from "../ledger/apply-operations.ts";
import { openAccount } from "../ledger/open-account.ts";
import type { Move } from "../ledger/rules/operation.ts";
import { UNMATCHED, isChecked, personsCoins } from "./deposit-accounts.ts";
import { tellDeposit } from "./tell-deposit.ts";

/** Of one wallet at once; what is beyond them waits for an operator. */
const WAITING_MAX = 100;

export type WaitingDeposit = Pick<typeof deposits.$inferSelect, "id" | "amount">;

/**
 * What came from this wallet before it was bound is the person's from now on; large ones are checked first. Call it in
 * the transaction that binds the wallet, which does nothing else with the ledger, and wake the bot after it.
 */
export async function creditWaitingOf(
  open: MoneyTransaction,
  { chain, wallet, person }: { chain: Chain; wallet: string; person: string },
): Promise<void> {
  // One that is being booked just now is seen here, or sees the wallet bound; see chain/book-transaction.ts.
  await open.tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('chain:deposits', 0))`);
  const waiting = await open.tx
    .select({ id: deposits.id, amount: deposits.amount })
    .from(deposits)
    .where(and(eq(deposits.sender, wallet), eq(deposits.state, "unmatched")))
    .orderBy(asc(deposits.at))
    .limit(WAITING_MAX)
    .for("update");
  const large = waiting.filter(({ amount }) => isChecked(chain, amount));
  const ids = large.map(({ id }) => id);
  if (ids.length > 0)
    await open.tx.update(deposits).set({ state: "checking", person, how: "wallet" }).where(inArray(deposits.id, ids));
  for (const { id, amount } of large) await tellDeposit(open.tx, { deposit: id, person, amount, state: "checking" });
  const others = waiting.filter(({ amount }) => !isChecked(chain, amount));
  await creditDeposits(open, others, { person, how: "wallet" });
}

/** They are locked, and waited until now. Asks the ledger, so that it is done once in a transaction. */
export async function creditDeposits(
  { client, tx }: Pick<MoneyTransaction, "client"> & { readonly tx: Executor },
  waiting: readonly WaitingDeposit[],
  { person, how }: { person: string; how: "number" | "memo" | "wallet" | "claim" | null },
): Promise<void> {
  if (waiting.length === 0) return;
  const ids = waiting.map(({ id }) => id);
  await tx
    .update(deposits)
    .set({ state: "credited", person, creditedAt: new Date(), ...(how === null ? {} : { how }) })
    .where(inArray(deposits.id, ids));
  for (const { id, amount } of waiting) await tellDeposit(tx, { deposit: id, person, amount, state: "credited" });
  const from = await openAccount(client, UNMATCHED);
  const to = await openAccount(client, personsCoins(person));
  const moves = waiting.map(({ id, amount }): Move => {
    return { verb: "move", key: ledgerKey("deposit", id), from, to, amount, kind: "deposit" };
  });
  await applyAll(client, moves, `deposits ${ids.join(", ")}`);
}
