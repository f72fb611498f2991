/**
 * How far a deposit is, of what the server knows (an invoice) and of what this device asked of a wallet (a request). The
 * server's later words count for more than the device's, and a request whose answer was lost is never made again by itself.
 * Pure.
 */
import { look } from "@starai/contracts/connect/request-once";
import type { RequestOnce } from "@starai/contracts/connect/request-once";
import type { InvoiceView } from "@starai/protocol/wallet";

/**
 * `asking`: the wallet has the request and has not answered; `unknown`: it may have sent it; `refused`: it signed nothing;
 * `expired`: it did not arrive while it could.
 */
export type DepositPhase = "none" | "asking" | "refused" | "unknown" | "sent" | "checking" | "credited" | "expired";

export function phaseOf(invoice: InvoiceView | null, kept: RequestOnce | null): DepositPhase {
  if (invoice === null) return "none";
  const own = kept?.queryId === invoice.id ? kept : null;
  switch (invoice.state) {
    case "asked":
      return "none";
    case "handed":
      if (own?.state === "refused") return "refused";
      return own?.state === "dispatched" ? "asking" : "unknown";
    case "sent":
    case "checking":
      return invoice.state;
    case "credited":
    case "expired":
      // News for whoever waited on this device; elsewhere they are in the list of deposits.
      return own === null || own.state === "refused" ? "none" : invoice.state;
  }
}

/** Whether it goes on without the person, so that it is worth looking again. */
export function isOnItsWay(phase: DepositPhase): boolean {
  return phase === "asking" || phase === "unknown" || phase === "sent" || phase === "checking";
}

/**
 * The request as the server's look at the chain leaves it: seen, expired, or the same as it was. Of one that the server does
 * not speak of, because another device has made a newer one, only the time says anything.
 * @param nowS  UNIX seconds
 */
export function settled(kept: RequestOnce | null, invoice: InvoiceView | null, nowS: number): RequestOnce | null {
  if (kept === null || kept.state === "seen") return kept;
  if (invoice?.id !== kept.queryId) return look(kept, { found: false, chainS: nowS });
  if (invoice.state === "checking" || invoice.state === "credited") return look(kept, { found: true, chainS: nowS });
  return invoice.state === "expired" ? look(kept, { found: false, chainS: Number.MAX_SAFE_INTEGER }) : kept;
}

/** Whether the server says that no wallet has been handed this request, as when the page was closed on the way to it. */
export function isUntouched(kept: RequestOnce | null, invoice: InvoiceView | null): boolean {
  return kept !== null && kept.queryId === invoice?.id && invoice.state === "asked";
}
