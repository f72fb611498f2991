/**
 * Subscriptions in Stars, 30 days each. Telegram charges them by itself and every charge is credited like any payment;
 * here is only what people are shown of them, and their end by our own hand.
 */
import { and, eq, sql } from "drizzle-orm";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { starOrders, starSubscriptions } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { StarsContext } from "./context.ts";
import { isOrderId } from "./orders.ts";
import { askTelegram } from "./telegram.ts";

export interface PaidPeriod {
  readonly person: string;
  readonly telegramId: number;
  readonly stars: number;
  /** The first payment's charge, as far as it is known. */
  readonly firstCharge: string;
  readonly isFirst: boolean;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly until: number | null;
}

/** A recurring payment was credited: its subscription is active until the period ends. */
export async function startOrRenew(tx: Executor, period: PaidPeriod): Promise<void> {
  const { person, telegramId, stars, firstCharge, isFirst, at, until } = period;
  const paidUntil = new Date((until ?? at + SUBSCRIPTION.days * 86_400) * 1_000);
  const row = { telegramId, stars, state: "active" as const };
  // A payment heard of late does not shorten what a later one has paid.
  const latest = sql`greatest(${starSubscriptions.paidUntil}, excluded.paid_until)`;
  await tx
    .insert(starSubscriptions)
    .values({ person, ...row, firstCharge, paidUntil })
    .onConflictDoUpdate({
      target: starSubscriptions.person,
      set: { ...row, ...(isFirst ? { firstCharge } : {}), paidUntil: latest },
    });
}

export interface SubscriptionChange {
  readonly telegramId: number;
  /** The first invoice's, also after renewals. */
  readonly payload: string;
  readonly state: "active" | "canceled" | "failed";
}

/** It only changes what the person is shown: credits that were paid for stay. */
export async function changeSubscription({ db }: Pick<Base, "db">, change: SubscriptionChange): Promise<void> {
  const { telegramId, payload, state } = change;
  const [order] = isOrderId(payload)
    ? await db.select({ charge: starOrders.charge }).from(starOrders).where(eq(starOrders.id, payload))
    : [];
  // An earlier subscription of the same person, which another has replaced, changes nothing.
  const isThis = order?.charge == null ? undefined : eq(starSubscriptions.firstCharge, order.charge);
  await db
    .update(starSubscriptions)
    .set({ state })
    .where(and(eq(starSubscriptions.telegramId, telegramId), isThis));
}

/**
 * By the person's own wish: it ends with the days that are paid, and what was credited stays.
 * @throws Refusal `not_found`, or with what became of the call to Telegram
 */
export async function cancelSubscription(ctx: StarsContext, person: string): Promise<void> {
  const [subscription] = await ctx.db.select().from(starSubscriptions).where(eq(starSubscriptions.person, person));
  if (subscription === undefined)
    throw new Refusal("not_found", "You have no subscription, so there is nothing to cancel and nothing was charged.");
  if (subscription.state === "canceled") return;
  const { telegramId, firstCharge } = subscription;
  await askTelegram(ctx, (api) => api.editUserStarSubscription(telegramId, firstCharge, true));
  await ctx.db
    .update(starSubscriptions)
    .set({ state: "canceled" })
    .where(and(eq(starSubscriptions.person, person), eq(starSubscriptions.firstCharge, firstCharge)));
}
