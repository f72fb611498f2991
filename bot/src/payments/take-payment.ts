/** Payments, refunds and changes of subscriptions: brought to the server until it has stored them, then told. */
import type { Filter } from "grammy";
import type { ClientResponse } from "hono/client";
import { retry } from "@starai/protocol/retry";
import { languageOf, translator } from "@starai/protocol/texts";
import { ServerRefused, answerOf } from "@starai/server/client";
import { Unfinished } from "../context.ts";
import type { BotContext, BotDeps } from "../context.ts";
import { nameOf } from "../person.ts";
import { creditedText, refundedText } from "./money-words.ts";

/** A server that takes no payments is in the log so often. */
const LOG_EACH_MS = 10_000;

/** @throws Unfinished when the bot stops before the server has it; the next start brings it again */
export async function takePayment(deps: BotDeps, ctx: Filter<BotContext, "message:successful_payment">): Promise<void> {
  const { from, date } = ctx.message;
  const payment = ctx.message.successful_payment;
  const json = {
    charge: payment.telegram_payment_charge_id,
    payer: { telegramId: from.id, name: nameOf(undefined, from), language: ctx.language },
    payload: payment.invoice_payload,
    stars: payment.total_amount,
    at: date,
    recurring: payment.is_recurring === true,
    firstRecurring: payment.is_first_recurring === true,
    until: payment.subscription_expiration_date ?? null,
  };
  const credited = await bring(deps, () => deps.server.api.stars.payments.$post({ json }));
  await tell(deps, ctx, from.id, creditedText(credited, ctx));
}

/** @throws Unfinished as above */
export async function takeRefund(deps: BotDeps, ctx: Filter<BotContext, "message:refunded_payment">): Promise<void> {
  const refund = ctx.message.refunded_payment;
  // The message is the bot's own; its chat is the person's. From a group nobody would know whose it is.
  if (ctx.chat.type !== "private") return deps.log.error("a refund was told in a group; the statement will bring it");
  const telegramId = ctx.chat.id;
  const stars = refund.total_amount;
  const json = { charge: refund.telegram_payment_charge_id, telegramId, stars, at: ctx.message.date };
  const taken = await bring(deps, () => deps.server.api.stars.refunds.$post({ json }));
  const language = languageOf(taken.language ?? undefined);
  await tell(deps, ctx, telegramId, refundedText({ ...taken, stars }, { t: translator(language), language }));
}

/** @throws Unfinished as above */
export async function changeSubscription(deps: BotDeps, ctx: BotContext): Promise<void> {
  if (ctx.subscription === undefined) return;
  const { user, invoice_payload: payload, state } = ctx.subscription;
  const json = { telegramId: user.id, payload, state };
  await bring(deps, () => deps.server.api.stars.subscriptions.$post({ json }));
  if (state === "failed") await tell(deps, ctx, user.id, ctx.t("stars.subscription_failed"));
}

/**
 * Repeats until the server has it. What it refuses is left for the next start, and its hourly look at Telegram's
 * statement books it all the same.
 */
async function bring<Body>({ pace, stopping, log }: BotDeps, call: () => Promise<ClientResponse<Body>>): Promise<Body> {
  try {
    return await retry(() => answerOf(call, { patienceMs: LOG_EACH_MS, signal: stopping }), {
      ...pace.retry,
      signal: stopping,
      mayPass: (error) => !(error instanceof ServerRefused) || error.mayPass,
      onPause: (error) => log.error({ err: error }, "the server did not store a payment; it is brought again"),
    });
  } catch (error) {
    if (!stopping.aborted) log.error({ err: error }, "the server refuses a payment; it is left for the next start");
    throw new Unfinished("the server has not stored a payment", { cause: error });
  }
}

/** In the private chat, wherever the invoice was paid. It is stored already, so a person who cannot be told is no fault. */
async function tell({ log }: BotDeps, ctx: BotContext, chat: number, text: string): Promise<void> {
  try {
    await ctx.api.sendMessage(chat, text);
  } catch (error) {
    log.warn({ err: error }, "a person could not be told of a payment; it is stored");
  }
}
