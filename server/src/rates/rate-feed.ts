/** Which sources a house reads, by its setting STARAI_RATES. */
import type { Config } from "../config.ts";
import { coingecko } from "./coingecko.ts";
import { coinpaprika } from "./coinpaprika.ts";
import type { RateSource } from "./rate-source.ts";
import { sandboxRate } from "./sandbox-rate.ts";

export interface RateFeed {
  readonly sources: readonly RateSource[];
  /** Whether a jump or a long silence stops paid answers. The sandbox sleeps at night, and its rate is nobody's fault. */
  readonly guarded: boolean;
}

/** @param now  wall time in ms, for sources that are on no other machine */
export function rateFeedOf(rates: Config["rates"], now: () => number): RateFeed {
  switch (rates) {
    case "live":
      return { sources: [coingecko(), coinpaprika()], guarded: true };
    case "sandbox":
      return { sources: ["a", "b"].map((id) => sandboxRate({ id, now })), guarded: false };
    case "off":
      return { sources: [], guarded: true };
  }
}
