/** What measured speeds say: which thread count to take, and how much of a prompt to read at a time. */
import type { Speeds } from "./child-messages.ts";

/** Duration of one prompt piece, about: the time a cancel or another job's next token may wait. */
const CHUNK_S = 0.5;
const CHUNK_TOKENS_MIN = 32;
const CHUNK_TOKENS_MAX = 512;

/**
 * What every driver measures with: tokens to read of this text, and tokens to write. About 2 s where reading runs at 62/s
 * and writing at 20/s (a 1.5b on one core).
 */
export const MEASURED = {
  text: "Measuring how fast this machine reads, one plain sentence after another. ".repeat(20),
  readTokens: 96,
  writeTokens: 12,
};

/**
 * The fastest of the measurements. Neighbours only ever slow a measurement, so the known speeds stay if they are
 * faster than a disturbed one.
 */
export function fastestOf(measured: readonly Speeds[], known: Speeds | null): Speeds {
  const busy = measured.some((speeds) => speeds.busy);
  const all = busy && known ? [...measured, known] : measured;
  const [fastest] = all.toSorted((a, b) => typicalJobS(a) - typicalJobS(b));
  if (!fastest) throw new Error("measuring needs at least one thread count");
  // A neighbour active during one count may have changed which count won.
  return { ...fastest, busy };
}

/** Seconds of one agent step: about 200 new prompt tokens behind a warm prefix, 100 tokens of answer. */
function typicalJobS(speeds: Speeds): number {
  return 200 / speeds.prefillTokensPerS + 100 / speeds.decodeTokensPerS;
}

/** Tokens to read at a time at this reading speed. */
export function chunkTokensAt(prefillTokensPerS: number): number {
  const wanted = Math.round((prefillTokensPerS * CHUNK_S) / CHUNK_TOKENS_MIN) * CHUNK_TOKENS_MIN;
  return Math.min(CHUNK_TOKENS_MAX, Math.max(CHUNK_TOKENS_MIN, wanted));
}
