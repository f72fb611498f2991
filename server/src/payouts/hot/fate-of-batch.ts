/**
 * What has become of a signed batch that no transaction of in the books is known. Pure.
 *
 * The wallet runs a message once, when its number is the next one, and never after `validUntil`. So it is given up only
 * when its time is over by both clocks and it did not run: the number is still free, or was used and the books have read
 * everything up to there. A number that an endpoint calls used is not enough while the signature is valid: if that is a
 * lie, this batch and the next one would both run. As long as the number is free, the same bytes are sent again.
 */
import type { HotState } from "./hot-wallet.ts";

export type Fate = "wait" | "send" | "expired" | "overtaken";

/** A block that was being made when another one ended may say an earlier time than that one. */
const EXPIRY_MARGIN_S = 30;

export interface Witnessed {
  /** Logical time of the wallet's last transaction that is in the books. */
  readonly bookedLt: bigint;
  /** Our own idea of the chain's time, UNIX seconds: one endpoint alone cannot say that time is over. */
  readonly nowS: number;
}

export function fateOf(
  batch: { readonly seqno: number; readonly validUntil: number },
  seen: HotState,
  { bookedLt, nowS }: Witnessed,
): Fate {
  // The endpoint lags behind what the books know already.
  if (seen.lt < bookedLt) return "wait";
  const isOver = Math.min(seen.atS, nowS) > batch.validUntil + EXPIRY_MARGIN_S;
  if (seen.seqno > batch.seqno) return isOver && bookedLt >= seen.lt ? "overtaken" : "wait";
  if (isOver) return "expired";
  return seen.atS < batch.validUntil ? "send" : "wait";
}
