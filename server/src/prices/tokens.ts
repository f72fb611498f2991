/** Counts of tokens that money is computed from. */

/** Tokens that a bill is made of. Counts are whole and not below zero. */
export interface BilledTokens {
  /** The whole prompt. */
  readonly prompt: number;
  /** The part of the prompt that the worker still knew; at most `prompt`. */
  readonly cached: number;
  readonly answer: number;
}

/** UTF-8 bytes of one token, on the low side for prose, so that an estimate favours the worker a little. */
const BYTES_PER_TOKEN = 4;

/**
 * Tokens of an answer whose engine sends no token ids: by its bytes, and never more than there were frames, because an
 * engine sends at least one token in each. Counting frames alone would pay a worker for sending single letters.
 */
export function tokensWithoutIds({ bytes, frames }: { bytes: number; frames: number }): number {
  return Math.min(Math.ceil(bytes / BYTES_PER_TOKEN), frames);
}

/** @throws RangeError for a count that cannot be one: a bill must never be computed from it */
export function checkCounts(counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts))
    if (!Number.isSafeInteger(count) || count < 0) throw new RangeError(`${name}: ${count} is not a count of tokens`);
}
