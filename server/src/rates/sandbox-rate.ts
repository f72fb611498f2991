/** A rate for machines without the internet: the same in every run. */
import type { RateSource } from "./rate-source.ts";

/** $1.70, what a coin cost when the default prices were chosen. */
const MICRO_USD_PER_COIN = 1_700_000n;

export function sandboxRate({ id, now }: { id: string; now: () => number }): RateSource {
  const source = `sandbox:${id}`;
  return {
    id: source,
    async read(signal) {
      signal.throwIfAborted();
      return { source, microUsdPerCoin: MICRO_USD_PER_COIN, at: now() };
    },
  };
}
