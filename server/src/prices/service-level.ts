/** What a worker earns whose answer came later than the service level says. Pure. */
import type { ServiceLevel } from "@starai/protocol/service-level";

/** Milliseconds. */
export function levelMs(level: ServiceLevel, { read, written }: { read: number; written: number }): number {
  return level.firstToken + read * level.readToken + written * level.writtenToken;
}

/** What an attempt took, and what it might have taken. */
export interface Timed {
  readonly tookMs: number;
  readonly levelMs: number;
}

const WHOLE = 10_000n;
/** Of a share, lost at the most: the tokens were delivered all the same. */
const LOST_MAX = 5_000n;
/** The same as a part of one. */
export const WITHHELD_MAX = Number(LOST_MAX) / Number(WHOLE);

/**
 * The part of a share that was too late to be earned: nothing within the service level, growing evenly to half of it at
 * twice the level. Rounded down, in the worker's favour. An attempt whose time nobody knows was in time: this server was
 * started anew under it.
 */
export function withheldOf(share: bigint, timed: Timed | null): bigint {
  if (timed === null || timed.tookMs <= timed.levelMs || timed.levelMs <= 0) return 0n;
  const [took, level] = [BigInt(Math.ceil(timed.tookMs)), BigInt(Math.ceil(timed.levelMs))];
  const lost = ((took - level) * LOST_MAX) / level;
  return (share * (lost < LOST_MAX ? lost : LOST_MAX)) / WHOLE;
}
