/**
 * CoinGecko's simple price. The coin's id there is `the-open-network`; the id `gram` is a token of the same name.
 * Tested with answers recorded in September 2026, not yet against the live service.
 * @see https://docs.coingecko.com/reference/simple-price
 */
import { z } from "zod";
import { microUsdOf } from "./rate-source.ts";
import type { RateSource } from "./rate-source.ts";
import { READ_TIMEOUT_MS, readJson } from "./read-json.ts";
import type { ServiceOptions } from "./read-json.ts";

const COIN = "the-open-network";
const QUERY = `ids=${COIN}&vs_currencies=usd&include_last_updated_at=true&precision=full`;

/** `last_updated_at` is in seconds. */
const Answer = z.object({ [COIN]: z.object({ usd: z.number(), last_updated_at: z.int().positive() }) });

export function coingecko({
  origin = "https://api.coingecko.com",
  timeoutMs = READ_TIMEOUT_MS,
}: ServiceOptions = {}): RateSource {
  const id = `coingecko:${COIN}`;
  return {
    id,
    async read(signal) {
      const answer = await readJson(`${origin}/api/v3/simple/price?${QUERY}`, Answer, { signal, timeoutMs });
      const { usd, last_updated_at: updatedAtS } = answer[COIN];
      return { source: id, microUsdPerCoin: microUsdOf(usd), at: updatedAtS * 1_000 };
    },
  };
}
