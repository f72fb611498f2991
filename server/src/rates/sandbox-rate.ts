/** A rate for machines without the internet: the same in every run, and either fixed or walking slowly. */
import type { RateSource } from "./rate-source.ts";

/** $1.70, what a coin cost when the default prices were chosen. */
const MICRO_USD_PER_COIN = 1_700_000n;
/** It walks 4 % up and down within a day: 0.06 % in the ten minutes in which a fifth would be a jump. */
const SWING_PERCENT = 4n;
const DAY_MS = 86_400_000;

interface SandboxRate {
  readonly id: string;
  /** Where in its walk the rate is at midnight; null: it does not walk. */
  readonly seed: number | null;
  readonly now: () => number;
  readonly microUsdPerCoin?: bigint;
}

export function sandboxRate({ id, seed, now, microUsdPerCoin = MICRO_USD_PER_COIN }: SandboxRate): RateSource {
  const source = `sandbox:${id}`;
  return {
    id: source,
    async read(signal) {
      signal.throwIfAborted();
      const at = now();
      const swing = seed === null ? 0n : swingAt(at, { seed, most: (microUsdPerCoin * SWING_PERCENT) / 100n });
      return { source, microUsdPerCoin: microUsdPerCoin + swing, at };
    },
  };
}

/** From least to most and back, once a day, in a straight line. */
function swingAt(at: number, { seed, most }: { seed: number; most: bigint }): bigint {
  const passedMs = (at + (seed % 24) * (DAY_MS / 24)) % DAY_MS;
  const risenMs = passedMs < DAY_MS / 2 ? passedMs : DAY_MS - passedMs;
  return (most * BigInt(Math.floor(risenMs * 4) - DAY_MS)) / BigInt(DAY_MS);
}
