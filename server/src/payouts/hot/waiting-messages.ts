/** What waits for the hot wallet, in the order in which it is sent. */
import { and, asc, eq, isNull, lt, lte, ne, or, sql, sum } from "drizzle-orm";
import { outgoing, payouts } from "../../db/schema.ts";
import type { Executor } from "../../db/executor.ts";
import { leftOfHouseDay } from "./house-day.ts";

/** As many as W5 wallets are commonly used with, far below the 255 actions that one message can hold. */
export const BATCH_MAX = 32;
/** A message that the wallet left out so often is for a person to look at: another try would go the same way. */
export const LEFT_OUT_MAX = 5;

export interface WaitingMessage {
  /** Its row of `outgoing`; null for a payout that was never signed. */
  readonly id: string | null;
  readonly kind: (typeof outgoing.$inferSelect)["kind"];
  readonly payout: string | null;
  readonly destination: string;
  readonly value: bigint;
  /** null: to be made with the row. */
  readonly body: Buffer | null;
}

/** Payouts whose time has come are queued. */
export async function queueReadyPayouts(db: Executor, now: Date): Promise<void> {
  await db
    .update(payouts)
    .set({ state: "queued" })
    .where(and(eq(payouts.state, "waiting"), isNull(payouts.endedAt), lte(payouts.readyAt, now)));
}

/**
 * The house's own messages first: they are small, and payouts may wait for what they bring; before all the request to the
 * vault, as the others may wait for it, and after all what goes back to the vault: whoever waits may need it. Payouts follow in the order in which they became ready, as far as the house's day
 * allows at `now` (ms, by the chain's clock); none overtakes another.
 */
export async function readWaiting(db: Executor, now: number): Promise<WaitingMessage[]> {
  const own = await db
    .select()
    .from(outgoing)
    .where(and(eq(outgoing.state, "queued"), ne(outgoing.kind, "payout"), lt(outgoing.leftOut, LEFT_OUT_MAX)))
    .orderBy(
      sql`case ${outgoing.kind} when 'pay_hot' then 0 when 'give_back' then 2 else 1 end`,
      asc(outgoing.createdAt),
    )
    .limit(BATCH_MAX);
  const people = await db
    .select({
      id: outgoing.id,
      payout: payouts.id,
      destination: payouts.wallet,
      value: payouts.amount,
      body: outgoing.body,
    })
    .from(payouts)
    .leftJoin(outgoing, and(eq(outgoing.kind, "payout"), eq(outgoing.ref, payouts.id)))
    .where(isDue())
    .orderBy(asc(payouts.readyAt), asc(payouts.id))
    .limit(BATCH_MAX);
  let left = await leftOfHouseDay(db, now);
  const end = people.findIndex(({ value }) => (left -= value) < 0n);
  const today = people.slice(0, end === -1 ? people.length : end);
  const payoutsToday = today.map((row) => ({ ...row, kind: "payout" as const }));
  const mine = own.map((row) => ({ ...row, payout: null }));
  const isBack = ({ kind }: Pick<WaitingMessage, "kind">) => kind === "give_back";
  return [...mine.filter((one) => !isBack(one)), ...payoutsToday, ...mine.filter(isBack)].slice(0, BATCH_MAX);
}

/** What all queued payouts come to, nano units. */
export async function sumOfQueued(db: Executor): Promise<bigint> {
  const [row] = await db
    .select({ total: sum(payouts.amount) })
    .from(payouts)
    .leftJoin(outgoing, and(eq(outgoing.kind, "payout"), eq(outgoing.ref, payouts.id)))
    .where(isDue());
  return BigInt(row?.total ?? 0);
}

/** That a queued one has not ended is said for the index of those that are open. */
const isDue = () =>
  and(
    eq(payouts.state, "queued"),
    isNull(payouts.endedAt),
    or(isNull(outgoing.leftOut), lt(outgoing.leftOut, LEFT_OUT_MAX)),
  );
