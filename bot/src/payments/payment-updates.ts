/**
 * Updates about payments. They pass by lanes, by "too many" and by the handler that swallows faults: a pre-checkout has
 * ten seconds, also while an answer streams, and a payment counts as handled only once the server has stored it.
 */
import { Composer } from "grammy";
import type { BotContext, BotDeps } from "../context.ts";
import { markHandled } from "../middlewares/mark-handled.ts";
import { checkOut } from "./check-out.ts";
import { changeSubscription, takePayment, takeRefund } from "./take-payment.ts";

export function paymentUpdates(deps: BotDeps): Composer<BotContext> {
  const payments = new Composer<BotContext>();
  const handled = markHandled(deps);
  payments.on("pre_checkout_query", handled, (ctx) => checkOut(deps, ctx));
  payments.on("message:successful_payment", handled, (ctx) => takePayment(deps, ctx));
  payments.on("message:refunded_payment", handled, (ctx) => takeRefund(deps, ctx));
  // grammY has no filter query for it.
  payments.filter(
    (ctx) => ctx.subscription !== undefined,
    handled,
    (ctx) => changeSubscription(deps, ctx),
  );
  return payments;
}
