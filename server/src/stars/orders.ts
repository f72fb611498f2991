/** Orders: each becomes one invoice, for one person and half an hour. */
import { and, eq, gt, isNull, lt, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { SUBSCRIPTION } from "@starai/protocol/money";
import type { NewOrder, StarOrder } from "@starai/protocol/money";
import { STARS_CURRENCY, starInvoice } from "@starai/protocol/star-invoice";
import { languageOf, translator } from "@starai/protocol/texts";
import type { Base } from "../base.ts";
import type { Executor } from "../db/executor.ts";
import { people, starOrders, starSubscriptions } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import type { StarsContext } from "./context.ts";
import { upsertPerson } from "../sessions/upsert-person.ts";
import type { PersonInput } from "../sessions/upsert-person.ts";
import { starTransaction } from "./star-transaction.ts";
import { askTelegram } from "./telegram.ts";

const ORDER_MS = 30 * 60_000;
/** An order nobody paid is of no use once it is over; for a day its invoice is still told why. */
const UNPAID_KEPT_MS = 24 * 60 * 60_000;

/** Who orders. */
export interface Buyer {
  readonly id: string;
  readonly telegramId: number;
}

type OrderContext = Pick<Base, "pg" | "db" | "clock">;

/**
 * An order for half an hour from now. One that the same person did not pay yet is used again, so that a double click
 * sells once and nobody has more open orders than there are things to buy.
 * @throws Refusal `conflict` for a second subscription
 */
export async function makeOrder(ctx: OrderContext, buyer: Buyer, order: NewOrder): Promise<StarOrder> {
  const { kind } = order;
  const stars = order.kind === "pack" ? order.stars : SUBSCRIPTION.stars;
  const now = ctx.clock();
  return starTransaction(ctx.pg, `orders of ${buyer.id}`, async (client) => {
    const tx = drizzle(client);
    if (kind === "subscription") await refuseSecond(tx, buyer, now);
    const theirs = and(eq(starOrders.person, buyer.id), isNull(starOrders.charge));
    await tx.delete(starOrders).where(and(theirs, lt(starOrders.expiresAt, new Date(now - UNPAID_KEPT_MS))));
    const same = and(theirs, eq(starOrders.kind, kind), eq(starOrders.stars, stars));
    const expiresAt = new Date(now + ORDER_MS);
    const [open] = await tx
      .update(starOrders)
      .set({ expiresAt })
      .where(and(same, gt(starOrders.expiresAt, new Date(now))))
      .returning({ id: starOrders.id });
    const row = { person: buyer.id, telegramId: buyer.telegramId, kind, stars, createdAt: new Date(now), expiresAt };
    const id = open?.id ?? (await tx.insert(starOrders).values(row).returning({ id: starOrders.id }))[0]!.id;
    return { id, kind, stars, expiresAt: expiresAt.toISOString() };
  });
}

/** The same for somebody who may never have written to the bot. */
export async function makeOrderFor(ctx: OrderContext, person: PersonInput, order: NewOrder): Promise<StarOrder> {
  const { id, telegramId } = await upsertPerson(ctx.db, person);
  return makeOrder(ctx, { id, telegramId }, order);
}

async function refuseSecond(tx: Executor, { id }: Buyer, now: number): Promise<void> {
  const [active] = await tx.select().from(starSubscriptions).where(eq(starSubscriptions.person, id));
  if (active === undefined || !isRunning(active, now)) return;
  const until = active.paidUntil.toISOString().slice(0, 10);
  throw new Refusal("conflict", `You have a subscription, paid until ${until}. Nothing was charged; a pack adds more.`);
}

/**
 * The same with a link that opens Telegram's own payment sheet, in the person's language.
 * @throws Refusal as `makeOrder`, or with what became of the call to Telegram
 */
export async function makeInvoiceLink(
  ctx: StarsContext,
  buyer: Buyer,
  wanted: NewOrder,
): Promise<StarOrder & { link: string }> {
  const order = await makeOrder(ctx, buyer, wanted);
  const [person] = await ctx.db
    .select({ language: sql<string>`coalesce(${people.chosenLanguage}, ${people.language})` })
    .from(people)
    .where(eq(people.id, buyer.id));
  const { title, description, payload, prices, periodS } = starInvoice(translator(languageOf(person?.language)), order);
  const period = periodS === null ? {} : { subscription_period: periodS };
  const link = await askTelegram(ctx, (api) =>
    api.createInvoiceLink(title, description, payload, "", STARS_CURRENCY, prices, period),
  );
  return { ...order, link };
}

export interface Checkout {
  /** The invoice's payload. */
  readonly payload: string;
  readonly telegramId: number;
  readonly currency: string;
  readonly amount: number;
}

export type CheckoutAnswer =
  | { ok: true }
  | { ok: false; why: "unknown" | "expired" | "paid" | "other_person" | "other_amount" | "subscribed" };

/** Whether this payment may go on. One row is read: Telegram waits ten seconds, a person one. */
export async function checkOut(ctx: OrderContext, checkout: Checkout): Promise<CheckoutAnswer> {
  const refuse = (why: Extract<CheckoutAnswer, { ok: false }>["why"]) => ({ ok: false, why }) as const;
  if (!isOrderId(checkout.payload)) return refuse("unknown");
  const [order] = await ctx.db
    .select({ row: starOrders, subscription: starSubscriptions })
    .from(starOrders)
    .leftJoin(starSubscriptions, eq(starSubscriptions.person, starOrders.person))
    .where(eq(starOrders.id, checkout.payload));
  if (order === undefined) return refuse("unknown");
  const { telegramId, stars, kind, charge, expiresAt } = order.row;
  if (telegramId !== checkout.telegramId) return refuse("other_person");
  if (charge !== null) return refuse("paid");
  if (expiresAt.getTime() <= ctx.clock()) return refuse("expired");
  if (checkout.currency !== STARS_CURRENCY || checkout.amount !== stars) return refuse("other_amount");
  if (kind === "subscription" && order.subscription && isRunning(order.subscription, ctx.clock()))
    return refuse("subscribed");
  return { ok: true };
}

function isRunning({ state, paidUntil }: typeof starSubscriptions.$inferSelect, now: number): boolean {
  return state === "active" && paidUntil.getTime() > now;
}

/** Payloads come back through people's clients and from older invoices: anything but an id names no order. */
export function isOrderId(payload: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(payload);
}
