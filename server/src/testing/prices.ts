/** Prices, jobs and accounts for tests of money. */
import * as fc from "fast-check";
import type { WorkedAttempt } from "../prices/bill.ts";
import type { TokenPrices } from "../prices/price-table.ts";
import type { BilledTokens } from "../prices/tokens.ts";

/** From free of charge to $1,000 for a million tokens, tripled by an ask, of a coin worth one cent. */
const price = fc.oneof(fc.constantFrom(0n, 1n, 35_294_118n), fc.bigInt({ min: 0n, max: 3n * 10n ** 14n }));
export const anyPrices: fc.Arbitrary<TokenPrices> = fc.record({ prompt: price, cached: price, answer: price });

export const anyTokens: fc.Arbitrary<BilledTokens> = fc
  .record({ prompt: fc.nat(1_000_000), cachedShare: fc.nat(100), answer: fc.nat(1_000_000) })
  .map(({ prompt, cachedShare, answer }) => ({ prompt, answer, cached: Math.floor((prompt * cachedShare) / 100) }));

export const anyAttempts: fc.Arbitrary<WorkedAttempt[]> = fc.array(
  fc.record({ worker: fc.constantFrom("w1", "w2", "w3"), tokens: fc.nat(1_000_000), isFalse: fc.boolean() }),
  { minLength: 1, maxLength: 8 },
);
