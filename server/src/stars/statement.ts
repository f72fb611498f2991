/** Telegram's statement of our Stars, as far as it is about people's payments and their refunds. */
import type { StarTransaction, TransactionPartner } from "grammy/types";

export interface StatementLine {
  readonly charge: string;
  readonly direction: "paid" | "refunded";
  readonly payer: { readonly telegramId: number; readonly name: string; readonly language: string };
  readonly payload: string;
  readonly stars: number;
  /** Seconds since the epoch. */
  readonly at: number;
  /** Seconds of a subscription's period; null for a single payment. */
  readonly periodS: number | null;
}

const NAME_CHARS_MAX = 200;

/** Null for everything else: withdrawals, gifts, advertising. */
export function lineOf(transaction: StarTransaction): StatementLine | null {
  const { id, amount, date, source, receiver } = transaction;
  const partner = invoicePartner(source ?? receiver);
  if (partner === null) return null;
  const { user, invoice_payload: payload = "", subscription_period: periodS = null } = partner;
  const name = `${user.first_name} ${user.last_name ?? ""}`.trim().slice(0, NAME_CHARS_MAX) || String(user.id);
  const payer = { telegramId: user.id, name, language: user.language_code ?? "en" };
  return { charge: id, direction: source ? "paid" : "refunded", payer, payload, stars: amount, at: date, periodS };
}

function invoicePartner(partner: TransactionPartner | undefined) {
  return partner?.type === "user" && partner.transaction_type === "invoice_payment" ? partner : null;
}
