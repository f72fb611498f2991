/** An invoice in Stars as Telegram shows it, the same from the bot and from the app. Pure. */
import { SUBSCRIPTION } from "./money.ts";
import type { StarOrder } from "./money.ts";
import type { Translate } from "./texts.ts";

/** Telegram's name for Stars among currencies. */
export const STARS_CURRENCY = "XTR";

export interface StarInvoice {
  /** At most 32 characters. */
  readonly title: string;
  /** At most 255 characters. */
  readonly description: string;
  /** The order's id. */
  readonly payload: string;
  readonly prices: { label: string; amount: number }[];
  /** Seconds; null for a single payment. */
  readonly periodS: number | null;
}

export function starInvoice(t: Translate, order: Pick<StarOrder, "id" | "kind" | "stars">): StarInvoice {
  const isSubscription = order.kind === "subscription";
  const values = { stars: order.stars, percent: SUBSCRIPTION.creditPercent - 100, days: SUBSCRIPTION.days };
  return {
    title: t(isSubscription ? "stars.invoice.subscription" : "stars.invoice.pack", { ...values, count: order.stars }),
    description: t(isSubscription ? "stars.invoice.subscription_text" : "stars.invoice.pack_text", values),
    payload: order.id,
    prices: [{ label: t("stars.invoice.label"), amount: order.stars }],
    periodS: isSubscription ? SUBSCRIPTION.days * 86_400 : null,
  };
}
