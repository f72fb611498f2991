/**
 * What of an escrow can pay for another answer now. Pure: the chain's facts as they were last seen, and the books.
 *
 * Three bounds hold at once: what was signed, what the chain would pay for it today, and how much is served before it
 * is redeemed. The smallest counts, less what was served and what open answers may still cost.
 */
import type { EscrowBlocked } from "@starai/protocol/escrow";
import { CLOCK_MARGIN, isServable } from "@starai/contracts/Escrow";
import { ALLOWANCE_MAX, spendable } from "@starai/contracts/voucher";
import type { escrows } from "../db/schema.ts";

export type EscrowRow = typeof escrows.$inferSelect;

/** Nano units since the escrow's beginning, as vouchers count. */
export interface EscrowBooks {
  /** The most that was signed to us or paid. */
  readonly signed: bigint;
  /** The part of it that answers were paid with. */
  readonly captured: bigint;
  /** What answers under way may cost beside it. */
  readonly held: bigint;
}

/** The watch looks each minute; after five without an answer nothing is served on what was seen before. */
const SEEN_MAX_MS = 5 * 60_000;

const none = (blocked: EscrowBlocked) => ({ room: 0n, blocked });

export function escrowRoom(
  row: EscrowRow,
  { signed, captured, held }: EscrowBooks,
  nowMs: number,
): { room: bigint; blocked: EscrowBlocked | null } {
  const state = stateBlock(row, nowMs);
  if (state !== null) return none(state);
  const taken = captured + held;
  // Asked first: what is used up is not looked at any more, and only a further voucher has it looked at again.
  if (signed <= taken) return none("sign");
  if (nowMs - row.seenAt.getTime() > SEEN_MAX_MS) return none("stale");
  const { settled, available, capLeft } = row;
  const payable = spendable({ signed, settled, available, capLeft, captured: taken });
  if (payable === 0n) return none("funds");
  const trusted = settled + ALLOWANCE_MAX - taken;
  if (trusted <= 0n) return none("unredeemed");
  return { room: payable < trusted ? payable : trusted, blocked: null };
}

function stateBlock(row: EscrowRow, nowMs: number): EscrowBlocked | null {
  const { keys, ripeAt, round, bookedRound } = row;
  const nowS = chainNowS(row, nowMs);
  if (keys.length === 0) return "unopened";
  if (isConsented(row, nowS)) return "consented";
  if (!isServable({ keys: keys.map((key) => Buffer.from(key, "hex")), ripeAt }, nowS)) return "closing";
  return bookedRound !== round ? "counting" : null;
}

/** One that was never used is void after its date; the margin is for clocks, as after a close that expired. */
function isConsented({ round, consentRound, consentUntil }: EscrowRow, nowS: number): boolean {
  return consentRound === round && consentUntil !== null && nowS <= consentUntil + CLOCK_MARGIN;
}

/** The chain's time now, UNIX seconds, by its own clock when it was last seen: ours may be wrong, and counts only what passed since. */
export function chainNowS({ seenAt, seenChainS }: Pick<EscrowRow, "seenAt" | "seenChainS">, nowMs: number): number {
  return seenChainS + Math.max(0, Math.floor((nowMs - seenAt.getTime()) / 1000));
}
