/** Where the coin's rate comes from: services that publish it, read by the coin's id there and never by its ticker. */
import type { RateReading } from "../prices/rate.ts";
import { RateUnreadable } from "./rate-unreadable.ts";

export interface RateSource {
  readonly id: string;
  /** What the coin is worth now by this source. @throws RateUnreadable when it has no usable answer */
  read(signal: AbortSignal): Promise<RateReading>;
}

/**
 * Asks all sources at once. One that fails, for whatever reason, is reported and left out: a rate needs two of them,
 * not all. @throws only when the signal is raised
 */
export async function readSources(
  sources: readonly RateSource[],
  { signal, onFault }: { signal: AbortSignal; onFault: (source: string, error: unknown) => void },
): Promise<RateReading[]> {
  const answers = await Promise.all(
    sources.map(async (source) => {
      try {
        return [await source.read(signal)];
      } catch (error) {
        signal.throwIfAborted();
        onFault(source.id, error);
        return [];
      }
    }),
  );
  return answers.flat();
}

/**
 * What a coin can cost: $0.01 to $10,000. A token of the same name costs $0.0005 to $0.002, so that its price can never
 * pass for the coin's.
 */
const MICRO_USD_MIN = 10_000n;
const MICRO_USD_MAX = 10_000_000_000n;

/**
 * A price in dollars, as JSON has it, in micro-dollars; more decimals are cut off. @throws RateUnreadable for one that
 * cannot be this coin's
 */
export function microUsdOf(dollars: number): bigint {
  const [, whole, fraction = ""] = /^(\d{1,5})(?:\.(\d+))?$/.exec(String(dollars)) ?? [];
  const microUsd = BigInt((whole ?? "0") + fraction.slice(0, 6).padEnd(6, "0"));
  if (microUsd < MICRO_USD_MIN || microUsd > MICRO_USD_MAX)
    throw new RateUnreadable(`a price of ${dollars} dollars cannot be this coin's`);
  return microUsd;
}
