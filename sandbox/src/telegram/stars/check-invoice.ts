/** Checks the parameters of an invoice in Telegram Stars, the only kind the simulator sells. */
import { z } from "zod";
import { countCharacters } from "../entities/formatted-text.ts";
import { Flag, Integer, jsonObject, Text } from "../parameters.ts";
import { TelegramError } from "../telegram-error.ts";
import type { InvoiceTerms } from "./star-ledger.ts";

export const SUBSCRIPTION_PERIOD_S = 2_592_000;
/** Telegram's limits as bots have measured them; only that of subscriptions is published. */
const AMOUNT_MAX = 100_000;
const SUBSCRIPTION_AMOUNT_MAX = 10_000;
const TITLE_CHARACTERS_MAX = 32;
const DESCRIPTION_CHARACTERS_MAX = 255;
const PAYLOAD_BYTES_MAX = 128;

const empty = Text.default("");
export const InvoiceFields = {
  title: empty,
  description: empty,
  payload: empty,
  provider_token: empty,
  currency: empty,
  prices: jsonObject("prices", z.unknown()).optional(),
  subscription_period: Integer.optional(),
  max_tip_amount: Integer.optional(),
  need_name: Flag.optional(),
  need_phone_number: Flag.optional(),
  need_email: Flag.optional(),
  need_shipping_address: Flag.optional(),
  is_flexible: Flag.optional(),
};
const Fields = z.object(InvoiceFields);
type Fields = z.infer<typeof Fields>;

/**
 * The terms of an invoice. Throws Telegram's 400 for what it would not sell; for a title or description that is too
 * long, whose refusal is not published, the general STARS_INVOICE_INVALID.
 */
export function checkInvoice(p: Fields): InvoiceTerms {
  for (const name of ["title", "description", "payload", "currency"] as const) required(p[name], name);
  const price = onlyPrice(p.prices);
  if (p.currency !== "XTR") throw TelegramError.badRequest("PAYMENT_PROVIDER_INVALID");
  if (Buffer.byteLength(p.payload) > PAYLOAD_BYTES_MAX) throw TelegramError.badRequest("INVOICE_PAYLOAD_INVALID");
  if (price === null || asksForMore(p) || isTooLong(p)) throw TelegramError.badRequest("STARS_INVOICE_INVALID");
  if (price < 1 || price > AMOUNT_MAX) throw TelegramError.badRequest("CURRENCY_TOTAL_AMOUNT_INVALID");
  const periodS = p.subscription_period || null;
  if (periodS !== null) checkSubscription(periodS, price);
  return { title: p.title, description: p.description, payload: p.payload, amount: price, periodS };
}

function required(value: string, name: string): void {
  if (value === "") throw TelegramError.badRequest(`parameter "${name}" is required`);
}

/** The amount of the only price; null when there are several. */
function onlyPrice(prices: unknown): number | null {
  if (prices === undefined) throw TelegramError.badRequest('parameter "prices" is required');
  if (typeof prices === "string") throw TelegramError.badRequest("can't parse prices JSON object");
  if (!Array.isArray(prices)) throw TelegramError.badRequest("expected an Array of labeled prices");
  const amounts = prices.map(amountOf);
  if (amounts.length === 0) throw TelegramError.badRequest("there must be at least one price");
  return amounts.length === 1 ? (amounts[0] ?? null) : null;
}

function amountOf(price: unknown): number {
  if (typeof price !== "object" || price === null) throw badPrice("LabeledPrice must be an Object");
  const { label, amount } = price as { label?: unknown; amount?: unknown };
  if (typeof label !== "string") throw badPrice('Can\'t find field "label"');
  if (label === "") throw badPrice("LabeledPrice label must be non-empty");
  const stars = typeof amount === "string" && /^-?\d{1,15}$/.test(amount) ? Number(amount) : amount;
  if (!Number.isSafeInteger(stars)) throw badPrice('Field "amount" must be a valid Number');
  return stars as number;
}

function badPrice(what: string): TelegramError {
  return TelegramError.badRequest(`can't parse labeled price: ${what}`);
}

/** Whether the invoice asks for what Stars cannot have: a provider, tips, an address or personal data. */
function asksForMore(p: Fields): boolean {
  const personal = [p.need_name, p.need_phone_number, p.need_email, p.need_shipping_address, p.is_flexible];
  return p.provider_token !== "" || (p.max_tip_amount ?? 0) > 0 || personal.includes(true);
}

function isTooLong({ title, description }: Fields): boolean {
  return countCharacters(title) > TITLE_CHARACTERS_MAX || countCharacters(description) > DESCRIPTION_CHARACTERS_MAX;
}

function checkSubscription(periodS: number, amount: number): void {
  if (periodS !== SUBSCRIPTION_PERIOD_S) throw TelegramError.badRequest("SUBSCRIPTION_PERIOD_INVALID");
  if (amount > SUBSCRIPTION_AMOUNT_MAX) throw TelegramError.badRequest("SUBSCRIPTION_AMOUNT_INVALID");
}
