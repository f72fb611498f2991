/**
 * A person pays an invoice: the bot is asked first and has ten seconds to agree, then the Stars change hands and the
 * bot gets `successful_payment`. Whatever ends before that costs nothing.
 */
import { randomBytes } from "node:crypto";
import type { Message, SuccessfulPayment, User } from "@grammyjs/types";
import { ClientRefusal, enterChat, upsertPerson } from "../person.ts";
import type { PersonFields } from "../person.ts";
import type { Telegram } from "../telegram.ts";
import { unixSeconds } from "../telegram.ts";
import { viewMessage } from "../views.ts";
import { PAYMENTS_MAX } from "./star-ledger.ts";
import type { InvoiceTerms, StarPayment, StarSubscription } from "./star-ledger.ts";

export interface InvoiceChoice extends PersonFields {
  /** The link's slug, or else the message with the invoice. */
  readonly slug?: string | undefined;
  readonly message?: number | undefined;
  readonly chat?: number | undefined;
}

export type PaymentOutcome =
  | { status: "paid"; charge: string }
  /** `reason` is the bot's own sentence. */
  | { status: "refused"; reason: string }
  /** The bot did not answer in time. */
  | { status: "unanswered" }
  | { status: "too-few"; balance: number };

/** Pays an invoice message or link, as often as its payer likes, as in Telegram. @throws ClientRefusal */
export async function payInvoice(telegram: Telegram, choice: InvoiceChoice): Promise<PaymentOutcome> {
  const user = upsertPerson(telegram, choice);
  const terms = termsOf(telegram, choice);
  if (telegram.world.stars.payments.size >= PAYMENTS_MAX)
    throw new ClientRefusal(`There are ${PAYMENTS_MAX} payments already; go on in a new data folder.`);
  if (!canAfford(telegram, user.id, terms)) return tooFew(telegram, user.id);
  const { id, verdict } = telegram.checkouts.open();
  telegram.updates.push("pre_checkout_query", {
    id,
    from: user,
    currency: "XTR",
    total_amount: terms.amount,
    invoice_payload: terms.payload,
  });
  const given = await verdict;
  if (given.kind === "refused") return { status: "refused", reason: given.reason };
  if (given.kind === "unanswered") return { status: "unanswered" };
  // Another payment may have been made while the bot was thinking.
  if (!canAfford(telegram, user.id, terms)) return tooFew(telegram, user.id);
  return { status: "paid", charge: takeStars(telegram, user, terms).charge };
}

/** The terms of a link or an invoice message. @throws ClientRefusal when there is none */
export function termsOf(telegram: Telegram, { user, slug, message, chat }: InvoiceChoice): InvoiceTerms {
  if ((slug === undefined) === (message === undefined)) throw new ClientRefusal('Give either "slug" or "message".');
  if (slug !== undefined) {
    const terms = telegram.world.stars.links.get(slug);
    if (!terms) throw new ClientRefusal("This invoice link does not exist.");
    return terms;
  }
  const terms = telegram.world.message(chat ?? user, message ?? 0)?.terms;
  if (!terms) throw new ClientRefusal(`Message ${message} of this chat is not an invoice.`);
  return terms;
}

export function canAfford(telegram: Telegram, user: number, { amount }: InvoiceTerms): boolean {
  return telegram.world.stars.balanceOf(user) >= amount;
}

function tooFew(telegram: Telegram, user: number): PaymentOutcome {
  return { status: "too-few", balance: telegram.world.stars.balanceOf(user) };
}

/**
 * Takes the Stars of a person who has them and tells person and bot: a single payment, the first of a subscription, or
 * the next of the one that is `renewed`.
 */
export function takeStars(
  telegram: Telegram,
  user: User,
  terms: InvoiceTerms,
  renewed: StarSubscription | null = null,
): StarPayment {
  const charge = `stx${randomBytes(48).toString("base64url")}`;
  const count = telegram.world.stars.payments.size + 1;
  const payment = { charge, user: user.id, date: unixSeconds(telegram), terms };
  const subscription = renewed ?? firstPeriod(payment);
  telegram.commit({ kind: "star-payment", payment, subscription });
  const successful_payment: SuccessfulPayment = {
    currency: "XTR",
    total_amount: terms.amount,
    invoice_payload: terms.payload,
    telegram_payment_charge_id: charge,
    provider_payment_charge_id: `${user.id}_${count}`,
    ...(subscription ? { is_recurring: true, subscription_expiration_date: subscription.until } : {}),
    ...(subscription && !renewed ? { is_first_recurring: true } : {}),
  };
  announce(telegram, user, user, { successful_payment });
  showStars(telegram, user.id);
  return payment;
}

function firstPeriod({ charge, user, terms, date }: StarPayment): StarSubscription | null {
  return terms.periodS === null ? null : { charge, user, terms, until: date + terms.periodS, state: "active" };
}

/** Gives the whole of a payment back and tells person and bot. */
export function giveBack(telegram: Telegram, payment: StarPayment): void {
  const { charge, user: id, terms } = payment;
  telegram.commit({ kind: "star-refund", charge, date: unixSeconds(telegram) });
  const refunded_payment = {
    currency: "XTR",
    total_amount: terms.amount,
    invoice_payload: terms.payload,
    telegram_payment_charge_id: charge,
  };
  announce(telegram, upsertPerson(telegram, { user: id }), telegram.me, { refunded_payment });
  showStars(telegram, id);
}

/** Shows a service message in the person's chat with the bot, wherever the invoice was, and queues it for the bot. */
function announce(telegram: Telegram, person: User, from: User, content: Partial<Message>): void {
  const chat = enterChat(telegram, person, undefined);
  const message_id = telegram.world.nextMessageId(chat.id);
  const message = { message_id, from, chat, date: unixSeconds(telegram), ...content } as Message;
  telegram.commit({ kind: "message", stored: { message } });
  telegram.feed.emit({ type: "message", chat: chat.id, message: viewMessage(telegram.world, { message }) });
  telegram.updates.push("message", message as never);
}

/** Tells pages that a person's balance or subscriptions have changed. */
export function showStars(telegram: Telegram, user: number): void {
  telegram.feed.emit({ type: "stars", user });
}
