/** Payments in Telegram Stars. Payments in other currencies need a provider, which the simulator does not have. */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Message, StarTransaction } from "@grammyjs/types";
import { invoiceKeyboard } from "../check-keyboard.ts";
import { method } from "../method.ts";
import { ChatId, Flag, Integer, ReplyMarkup, ReplyParameters, Text } from "../parameters.ts";
import { chatToWriteTo, sendAsBot } from "../send.ts";
import { checkInvoice, InvoiceFields } from "../stars/check-invoice.ts";
import { giveBack } from "../stars/pay-invoice.ts";
import type { StarLedger } from "../stars/star-ledger.ts";
import { setCanceledByBot } from "../stars/subscriptions.ts";
import { TelegramError } from "../telegram-error.ts";
import type { World } from "../world.ts";

const Charge = { user_id: Integer.default(0), telegram_payment_charge_id: Text.default("") };

export const payments = [
  method(
    "sendInvoice",
    z.object({
      ...InvoiceFields,
      chat_id: ChatId,
      start_parameter: Text.default(""),
      reply_markup: ReplyMarkup.optional(),
      reply_parameters: ReplyParameters.optional(),
    }),
    (telegram, p) => {
      const terms = checkInvoice(p);
      if (terms.periodS !== null) throw TelegramError.badRequest("SUBSCRIPTION_EXPORT_MISSING");
      const chat = chatToWriteTo(telegram, p.chat_id);
      const invoice = {
        title: terms.title,
        description: terms.description,
        start_parameter: p.start_parameter,
        currency: "XTR",
        total_amount: terms.amount,
      };
      return sendAsBot(telegram, chat, {
        content: { invoice },
        terms,
        keyboard: invoiceKeyboard(p.reply_markup, chat.id, terms.amount),
        replyTo: p.reply_parameters,
      }) as Message.InvoiceMessage;
    },
  ),

  method("createInvoiceLink", z.object(InvoiceFields), (telegram, p) => {
    const slug = randomBytes(18).toString("base64url");
    telegram.commit({ kind: "invoice-link", slug, terms: checkInvoice(p) });
    return `https://t.me/$${slug}`;
  }),

  method(
    "answerPreCheckoutQuery",
    z.object({ pre_checkout_query_id: Text.default(""), ok: Flag.default(false), error_message: Text.default("") }),
    (telegram, p) => {
      if (!p.ok && p.error_message === "") throw TelegramError.badRequest('parameter "error_message" is required');
      telegram.checkouts.answer(
        p.pre_checkout_query_id,
        p.ok ? { kind: "approved" } : { kind: "refused", reason: p.error_message },
      );
      return true;
    },
  ),

  method("getMyStarBalance", z.object({}), (telegram) => ({ amount: telegram.world.stars.botBalance() })),

  method(
    "getStarTransactions",
    z.object({ offset: Integer.default(0), limit: Integer.default(100) }),
    (telegram, p) => {
      const from = Math.max(0, p.offset);
      const count = Math.min(100, Math.max(1, p.limit));
      const lines = telegram.world.stars.statement.slice(from, from + count);
      return { transactions: lines.flatMap((line) => transactionOf(telegram.world, line)) };
    },
  ),

  method("refundStarPayment", z.object(Charge), (telegram, p) => {
    checkCharge(p);
    const { stars } = telegram.world;
    const payment = stars.payments.get(p.telegram_payment_charge_id);
    if (payment?.user !== p.user_id) throw TelegramError.badRequest("CHARGE_NOT_FOUND");
    if (stars.isRefunded(payment.charge)) throw TelegramError.badRequest("CHARGE_ALREADY_REFUNDED");
    giveBack(telegram, payment);
    return true;
  }),

  method("editUserStarSubscription", z.object({ ...Charge, is_canceled: Flag.default(false) }), (telegram, p) => {
    checkCharge(p);
    const subscription = telegram.world.stars.subscriptions.get(p.telegram_payment_charge_id);
    if (subscription?.user !== p.user_id) throw TelegramError.badRequest("CHARGE_NOT_FOUND");
    setCanceledByBot(telegram, subscription, p.is_canceled);
    return true;
  }),

  // Only invoices with a shipping address lead to a shipping query, and Stars pay for none.
  method("answerShippingQuery", z.object({}), () => {
    throw TelegramError.badRequest("query is too old and response timeout expired or query ID is invalid");
  }),
];

function checkCharge(p: { user_id: number; telegram_payment_charge_id: string }): void {
  if (p.user_id <= 0) throw TelegramError.badRequest("invalid user_id specified");
  if (p.telegram_payment_charge_id === "")
    throw TelegramError.badRequest('parameter "telegram_payment_charge_id" is required');
}

/** A line of the statement as the Bot API shows it; a refund has the id of its payment. */
function transactionOf(world: World, line: StarLedger["statement"][number]): StarTransaction[] {
  const payment = world.stars.payments.get(line.charge);
  const user = payment && world.users.get(payment.user);
  if (!payment || !user) return [];
  const { terms } = payment;
  const partner = {
    type: "user" as const,
    transaction_type: "invoice_payment" as const,
    user,
    invoice_payload: terms.payload,
    ...(terms.periodS === null ? {} : { subscription_period: terms.periodS }),
  };
  const side = line.refund ? { receiver: partner } : { source: partner };
  return [{ id: line.charge, amount: terms.amount, date: line.date, ...side }];
}
