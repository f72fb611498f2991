/**
 * A withdrawal that was signed and gets no outcome of its own: its batch ran and sent something else than was known, or
 * this house has lost the key that would follow it up. A person looks at the chain and says what became of it. It must be
 * certain that the batch does not run any more: else the money would be in the balance and in the wallet.
 */
import { and, eq, ne } from "drizzle-orm";
import type { MoneyTransaction } from "../../billing/money-transaction.ts";
import { ledgerKey } from "../../billing/ledger-key.ts";
import { ownMoney } from "../../chain/reading.ts";
import type { Executor } from "../../db/executor.ts";
import { outgoing, outgoingBatches, payouts } from "../../db/schema.ts";
import { applyAll } from "../../ledger/apply-operations.ts";
import { openAccount } from "../../ledger/open-account.ts";
import type { Move } from "../../ledger/rules/operation.ts";
import { storeNotice } from "../../notices/store-notice.ts";
import type { PayoutRow } from "../open-payouts.ts";
import { accountOfReturned, movesOf } from "../payout-accounts.ts";
import { fateOf } from "./fate-of-batch.ts";
import { bookedLtOf } from "./give-up-batch.ts";
import type { HotState } from "./hot-wallet.ts";
import { lockHotWallet } from "./lock-hot-wallet.ts";

/** A transaction of the hot wallet that is in the books, as the chain shows it. */
export interface SeenTransaction {
  /** Hex. */
  readonly hash: string;
  readonly at: Date;
  /** What it sent to one wallet, by message; nano units. */
  readonly values: readonly bigint[];
}

/**
 * Locks one that is `sent`; nobody else decides about it until the transaction ends.
 * @param seen  what each endpoint shows: all of them must say that its batch is over @throws a sentence for any other
 */
export async function lockStuck(
  tx: Executor,
  id: string,
  { seen, nowS }: { seen: readonly HotState[]; nowS: number },
): Promise<PayoutRow> {
  await lockHotWallet(tx);
  const [payout] = await tx.select().from(payouts).where(eq(payouts.id, id)).for("update");
  if (payout === undefined) throw new Error(`There is no withdrawal ${id}. Nothing was changed.`);
  if (payout.state !== "sent")
    throw new Error(
      `This withdrawal is ${payout.state}, and only one that is sent and has no outcome can be settled by hand. Nothing was changed.`,
    );
  const [batch] = await tx
    .select({ state: outgoingBatches.state, seqno: outgoingBatches.seqno, validUntil: outgoingBatches.validUntil })
    .from(outgoing)
    .innerJoin(outgoingBatches, eq(outgoingBatches.id, outgoing.batch))
    .where(and(eq(outgoing.kind, "payout"), eq(outgoing.ref, id)));
  if (batch === undefined)
    throw new Error("Its signed message is not in this database: look for it on the chain. Nothing was changed.");
  const bookedLt = await bookedLtOf(tx);
  const fates = batch.state === "run" ? [] : seen.map((state) => fateOf(batch, state, { bookedLt, nowS }));
  if (fates.some((fate) => fate === "send" || fate === "wait"))
    throw new Error(
      "Its batch may still run: until it cannot, nobody knows what becomes of it. Nothing was changed: try again in ten minutes.",
    );
  return payout;
}

/**
 * Whether this transaction can have paid this withdrawal: it sent at least as much to its wallet, by a message that paid
 * no other one.
 */
export async function canHavePaid(
  tx: Executor,
  payout: PayoutRow,
  { hash, values }: SeenTransaction,
): Promise<boolean> {
  const { id, wallet, amount } = payout;
  const others = await tx
    .select({ amount: payouts.amount })
    .from(payouts)
    .where(and(eq(payouts.transaction, hash), eq(payouts.wallet, wallet), ne(payouts.id, id)));
  return isEnough(values, [amount, ...others.map((other) => other.amount)]);
}

/** Whether each of these amounts has a value of its own that is as large. Pure. */
export function isEnough(values: readonly bigint[], amounts: readonly bigint[]): boolean {
  const [there, needed] = [values, amounts].map((all) => all.toSorted((a, b) => (a < b ? 1 : -1)));
  return needed!.every((amount, at) => amount <= (there![at] ?? -1n));
}

/** Ends it as paid by this transaction, whose messages were the house's in the books: now they were the person's. */
export async function settlePaid(
  { client, tx }: Pick<MoneyTransaction, "client"> & { readonly tx: Executor },
  payout: PayoutRow,
  { by, wallet }: { by: SeenTransaction; /** As people read it. */ wallet: string },
): Promise<void> {
  const { id, person, amount, fee } = payout;
  await tx.update(payouts).set({ state: "paid", endedAt: by.at, transaction: by.hash }).where(eq(payouts.id, id));
  await tx.update(outgoing).set({ state: "sent", sentAt: by.at }).where(messageOf(id));
  const params = { kind: "payout_paid", amount: String(amount), wallet, transaction: by.hash } as const;
  await storeNotice(tx, { event: `payout ${id} paid`, person, params });
  const from = await openAccount(client, inFlightOf(id));
  const to = await openAccount(client, ownMoney("hot"));
  const moves: Move[] = [{ verb: "move", key: ledgerKey("payout settled", id), from, to, amount, kind: "payout" }];
  if (fee > 0n)
    moves.push({
      verb: "move",
      key: ledgerKey("payout settled", id, "fee"),
      from,
      to,
      amount: fee,
      kind: "withdrawal_fee",
    });
  await applyAll(client, moves, `withdrawal ${id} settled as paid`);
}

/** Ends it as never paid: what was asked for and its fee are in the balance again. Returns their sum. */
export async function settleReturned(
  { client, tx }: Pick<MoneyTransaction, "client"> & { readonly tx: Executor },
  payout: PayoutRow,
  now: Date,
): Promise<bigint> {
  const { id, person, amount, fee } = payout;
  await tx.update(payouts).set({ state: "returned", endedAt: now }).where(eq(payouts.id, id));
  await tx.update(outgoing).set({ state: "void" }).where(messageOf(id));
  const params = { kind: "payout_returned", amount: String(amount + fee) } as const;
  await storeNotice(tx, { event: `payout ${id} returned`, person, params });
  const from = await openAccount(client, inFlightOf(id));
  const to = await openAccount(client, await accountOfReturned(tx, person));
  await applyAll(
    client,
    movesOf({ event: "payout cancelled", id, from, to, amount, fee }),
    `withdrawal ${id} returned`,
  );
  return amount + fee;
}

const messageOf = (payout: string) => and(eq(outgoing.kind, "payout"), eq(outgoing.ref, payout));
const inFlightOf = (payout: string) => ({ asset: "coin", kind: "in_flight", owner: `payout:${payout}` }) as const;
