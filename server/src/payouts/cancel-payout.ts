/** Takes withdrawals back that are not signed yet: their money is in the balance again. */
import { and, eq, inArray, isNull } from "drizzle-orm";
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import type { ChainContext } from "../chain/context.ts";
import { outgoing, payouts } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { applyAll } from "../ledger/apply-operations.ts";
import type { Move } from "../ledger/rules/operation.ts";
import type { PayoutRow } from "./open-payouts.ts";
import { movesOf, payoutAccounts } from "./payout-accounts.ts";

/**
 * One that was cancelled before stays so.
 * @throws Refusal `conflict` when it is too late, `not_found`
 */
export async function cancelPayout(ctx: ChainContext, { person, id }: { person: string; id: string }): Promise<void> {
  await moneyTransaction(ctx.pg, async (open) => {
    const [payout] = await open.tx
      .select()
      .from(payouts)
      .where(and(eq(payouts.id, id), eq(payouts.person, person)))
      .for("update");
    if (payout === undefined)
      throw new Refusal("not_found", "You have no such withdrawal. Nothing was changed: open the wallet again.");
    if (payout.state === "cancelled") return;
    if (payout.endedAt !== null || !(await isTakenOut(open, payout))) throw tooLate(payout);
    await putBack(ctx, open, [payout]);
  });
}

/** Of a wallet that is no longer theirs: those that the hot wallet has not signed. Call it last in the transaction. */
export async function cancelPayoutsTo(
  ctx: ChainContext,
  open: MoneyTransaction,
  { person, addresses }: { person: string; addresses: readonly string[] },
): Promise<void> {
  const waiting = await open.tx
    .select()
    .from(payouts)
    .where(and(eq(payouts.person, person), inArray(payouts.wallet, [...addresses]), isNull(payouts.endedAt)))
    .orderBy(payouts.id)
    .for("update");
  const taken: PayoutRow[] = [];
  for (const payout of waiting) if (await isTakenOut(open, payout)) taken.push(payout);
  if (taken.length > 0) await putBack(ctx, open, taken);
}

/** Takes its message from the hot wallet's queue; false when it is signed, and may be on the chain. */
async function isTakenOut({ tx }: MoneyTransaction, { id, state }: PayoutRow): Promise<boolean> {
  if (state === "waiting") return true;
  if (state !== "queued") return false;
  const mine = and(eq(outgoing.kind, "payout"), eq(outgoing.ref, id));
  const [message] = await tx.select({ state: outgoing.state }).from(outgoing).where(mine).for("update");
  if (message === undefined || message.state === "void") return true;
  if (message.state !== "queued") return false;
  await tx.update(outgoing).set({ state: "void" }).where(mine);
  return true;
}

async function putBack(
  ctx: ChainContext,
  { client, tx }: MoneyTransaction,
  taken: readonly PayoutRow[],
): Promise<void> {
  const ids = taken.map(({ id }) => id);
  await tx
    .update(payouts)
    .set({ state: "cancelled", endedAt: new Date(ctx.clock()) })
    .where(inArray(payouts.id, ids));
  const moves: Move[] = [];
  for (const payout of taken) {
    const { balance: to, inFlight: from } = await payoutAccounts(ctx.ledger, payout);
    const { id, amount, fee } = payout;
    moves.push(...movesOf({ event: "payout cancelled", id, from, to, amount, fee }));
  }
  await applyAll(client, moves, `withdrawals ${ids.join(", ")} taken back`);
}

function tooLate({ state }: PayoutRow): Refusal {
  const words =
    state === "paid"
      ? "It was paid already: the money is in your wallet."
      : state === "returned"
        ? "It came back already: the money is in your balance."
        : "It is signed already and may be on the chain: wait until it is paid.";
  return new Refusal("conflict", `This withdrawal cannot be cancelled any more. ${words}`);
}
