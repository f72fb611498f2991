/** What a payment sheet's answer means for the person's money. Pure. */
import type { InvoiceStatus } from "../../lib/telegram.ts";

/** `waiting`: paid or being paid, so the credit comes by itself. `elsewhere`: paid in another window, if at all. */
export type TopUpOutcome = "waiting" | "elsewhere" | "cancelled" | "failed" | "expired";

/**
 * @param status  null where the client could not open its payment sheet and a link was opened instead
 * @param order   of the server; it refuses a payment after `expiresAt`
 */
export function topUpOutcome(status: InvoiceStatus | null, order: { expiresAt: string }, now: Date): TopUpOutcome {
  switch (status) {
    case "paid":
    case "pending":
      return "waiting";
    case null:
      return "elsewhere";
    case "cancelled":
      return "cancelled";
    case "failed":
      return now.getTime() >= Date.parse(order.expiresAt) ? "expired" : "failed";
  }
}
