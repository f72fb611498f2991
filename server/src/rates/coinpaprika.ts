/**
 * CoinPaprika's ticker of one coin. The coin's id there is `toncoin-the-open-network`, as before it was renamed in 2026.
 * Tested with an answer recorded in September 2024, not yet against the live service.
 * @see https://api.coinpaprika.com/
 */
import { z } from "zod";
import { microUsdOf } from "./rate-source.ts";
import type { RateSource } from "./rate-source.ts";
import { READ_TIMEOUT_MS, readJson } from "./read-json.ts";
import type { ServiceOptions } from "./read-json.ts";

const COIN = "toncoin-the-open-network";

const Answer = z.object({
  id: z.literal(COIN),
  last_updated: z.iso.datetime(),
  quotes: z.object({ USD: z.object({ price: z.number() }) }),
});

export function coinpaprika({
  origin = "https://api.coinpaprika.com",
  timeoutMs = READ_TIMEOUT_MS,
}: ServiceOptions = {}): RateSource {
  const id = `coinpaprika:${COIN}`;
  return {
    id,
    async read(signal) {
      const answer = await readJson(`${origin}/v1/tickers/${COIN}?quotes=USD`, Answer, { signal, timeoutMs });
      const microUsdPerCoin = microUsdOf(answer.quotes.USD.price);
      return { source: id, microUsdPerCoin, at: Date.parse(answer.last_updated) };
    },
  };
}
