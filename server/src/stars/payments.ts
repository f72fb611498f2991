/** Payments of Stars, each credited once, whatever is repeated. */
import { and, eq, isNull } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import type { PoolClient } from "pg";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { people, starCharges, starOrders } from "../db/schema.ts";
import { upsertPerson } from "../sessions/upsert-person.ts";
import type { PersonInput } from "../sessions/upsert-person.ts";
import { findCharge, settled } from "./charges.ts";
import type { ChargeRow, Settled } from "./charges.ts";
import { isOrderId } from "./orders.ts";
import { planCredit, worthOf } from "./plan-moves.ts";
import type { Worth } from "./plan-moves.ts";
import { lockStanding, openStarAccounts, postMoves } from "./star-books.ts";
import { starTransaction } from "./star-transaction.ts";
import { startOrRenew } from "./subscriptions.ts";
import type { PaidPeriod } from "./subscriptions.ts";

export interface StarPayment {
  readonly charge: string;
  /** Who paid; somebody who has not written to the bot becomes known by it. */
  readonly payer: PersonInput;
  readonly payload: string;
  readonly stars: number;
  /** Seconds since the epoch, as Telegram counts. */
  readonly at: number;
  readonly recurring: boolean;
  readonly firstRecurring: boolean;
  /** Of a subscription: when it ends unless it is paid again; seconds since the epoch. */
  readonly until: number | null;
}

/**
 * Credits whoever paid, whatever became of the order: that was checked before the payment, and money is never kept
 * because of it. What the person owes is paid first. Credits nothing where Telegram had returned the payment before it
 * was heard of.
 */
export async function creditPayment(ctx: Pick<Base, "pg" | "log">, payment: StarPayment): Promise<Settled> {
  return starTransaction(ctx.pg, payment.charge, async (client) => {
    const tx = drizzle(client);
    const before = await findCharge(tx, payment.charge, "paid");
    if (before !== null) {
      if (isAnother(payment, before))
        ctx.log.error(
          { charge: payment.charge },
          "a payment of Stars came again with other facts; the first ones stay",
        );
      return settled(client, { ...before, fresh: false });
    }
    const person = await findOrAddPerson(tx, payment.payer);
    const order = await takeOrder(tx, payment);
    const isReturned = (await findCharge(tx, payment.charge, "refunded")) !== null;
    const credits = isReturned ? 0n : await credit(client, person, payment);
    await tx.insert(starCharges).values({ ...rowOf(payment), person, order: order?.id ?? null, credits });
    if (payment.recurring && !isReturned) await startOrRenew(tx, periodOf(payment, { person, order }));
    return settled(client, { fresh: true, person, credits });
  });
}

/** What a payment is worth in credits: a subscription's is worth more than its Stars. */
function worthOfCharge({ stars, subscription }: { stars: number; subscription: boolean }): Worth {
  return worthOf({ stars, creditPercent: subscription ? SUBSCRIPTION.creditPercent : 100 });
}

function isAnother(payment: StarPayment, before: ChargeRow): boolean {
  return before.stars !== payment.stars || before.telegramId !== payment.payer.telegramId;
}

function rowOf({ charge, payer, stars, recurring, at }: StarPayment) {
  const { telegramId } = payer;
  return { charge, direction: "paid" as const, telegramId, stars, subscription: recurring, at: new Date(at * 1_000) };
}

/** A renewal has the first payment's payload, and so its order. */
function periodOf(
  { payer, stars, at, until, charge, firstRecurring }: StarPayment,
  { person, order }: { person: string; order: { charge: string | null } | null },
): PaidPeriod {
  const isFirst = firstRecurring || order?.charge === charge;
  const firstCharge = isFirst ? charge : (order?.charge ?? charge);
  return { person, telegramId: payer.telegramId, stars, at, until, firstCharge, isFirst };
}

async function findOrAddPerson(tx: Executor, payer: PersonInput): Promise<string> {
  const [known] = await tx
    .select({ id: people.id })
    .from(people)
    .where(eq(people.telegramId, payer.telegramId))
    .for("key share");
  return known?.id ?? (await upsertPerson(tx, payer)).id;
}

/** Notes who paid the order first; returns it with that charge, null where there is none. */
async function takeOrder(tx: Executor, { payload, charge }: StarPayment) {
  if (!isOrderId(payload)) return null;
  await tx
    .update(starOrders)
    .set({ charge })
    .where(and(eq(starOrders.id, payload), isNull(starOrders.charge)));
  const [order] = await tx
    .select({ id: starOrders.id, charge: starOrders.charge })
    .from(starOrders)
    .where(eq(starOrders.id, payload));
  return order ?? null;
}

async function credit(client: PoolClient, person: string, { charge, stars, recurring }: StarPayment): Promise<bigint> {
  const worth = worthOfCharge({ stars, subscription: recurring });
  const accounts = await openStarAccounts(client, person);
  const moves = planCredit(worth, await lockStanding(client, accounts));
  await postMoves(client, { name: ["paid", charge], kind: "topup", accounts, moves });
  return worth.paid + worth.bonus;
}
