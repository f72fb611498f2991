/** The house's list prices of tokens, by model or by the model's size. */
import type { CatalogueModel } from "@starai/protocol/catalogue";

/** Prices of one model's tokens, each for a million of them; in which unit is said beside them. */
export interface TokenPrices {
  /** Tokens of the prompt that the worker has to read. */
  readonly prompt: bigint;
  /** Tokens of the prompt that the worker still knew. */
  readonly cached: bigint;
  readonly answer: bigint;
}

/**
 * What a list is written in. `micro_usd` is settled in coins at a rate: costs and Stars are in dollars, and the coin fell
 * by half within a year. `nano` keeps a house in coins alone, whose limits in dollars still need a rate.
 */
export type PriceUnit = "micro_usd" | "nano";

export interface PriceClass {
  readonly parametersMax: number;
  readonly prices: TokenPrices;
}

export interface PriceTable {
  readonly unit: PriceUnit;
  /** Smallest first: a model has the prices of the first class it fits into. */
  readonly classes: readonly PriceClass[];
  /** Prices of single models by their catalogue id, which count before their class. */
  readonly models: ReadonlyMap<string, TokenPrices>;
}

/**
 * A million answer tokens cost $0.06 with the smallest models and $1.80 with 70B: on a busy GPU more than its electricity.
 * The bounds lie between the sizes that models come in; a "4B" has 4.02 billion parameters.
 */
export const DEFAULT_PRICES: PriceTable = {
  unit: "micro_usd",
  classes: [
    { parametersMax: 2.5e9, prices: { prompt: 15_000n, cached: 4_000n, answer: 60_000n } },
    { parametersMax: 5e9, prices: { prompt: 30_000n, cached: 7_500n, answer: 120_000n } },
    { parametersMax: 10e9, prices: { prompt: 50_000n, cached: 12_500n, answer: 200_000n } },
    { parametersMax: 40e9, prices: { prompt: 120_000n, cached: 30_000n, answer: 500_000n } },
    { parametersMax: 80e9, prices: { prompt: 600_000n, cached: 150_000n, answer: 1_800_000n } },
  ],
  models: new Map(),
};

/** Prices of this model in the table's unit; null where the house has none, and then it cannot be sold. */
export function listPrices(table: PriceTable, model: Pick<CatalogueModel, "id" | "parameters">): TokenPrices | null {
  const own = table.models.get(model.id);
  if (own !== undefined) return own;
  return table.classes.find(({ parametersMax }) => model.parameters <= parametersMax)?.prices ?? null;
}

/** The highest price a table may hold: $1,000 or 1,000 coins for a million tokens, far above any model's. */
const PRICE_MAX = { micro_usd: 1_000_000_000n, nano: 1_000_000_000_000n } as const satisfies Record<PriceUnit, bigint>;

/** Says what is wrong with a table that somebody wrote; null: nothing is. */
export function faultInPrices(table: PriceTable): string | null {
  const sizes = table.classes.map(({ parametersMax }) => parametersMax);
  if (sizes.some((size, at) => at > 0 && size <= sizes[at - 1]!)) return "classes: list them from small to large";
  const named: [string, TokenPrices][] = [
    ...table.models,
    ...table.classes.map(({ parametersMax, prices }): [string, TokenPrices] => [`up to ${parametersMax}`, prices]),
  ];
  for (const [name, prices] of named) {
    const fault = faultIn(prices, PRICE_MAX[table.unit]);
    if (fault !== null) return `${name}: ${fault}`;
  }
  return null;
}

function faultIn(prices: TokenPrices, max: bigint): string | null {
  for (const kind of ["prompt", "cached", "answer"] as const)
    if (prices[kind] < 0n || prices[kind] > max) return `${kind} must be between 0 and ${max}`;
  return prices.cached > prices.prompt ? "cached must not be above prompt: a hold counts no token as cached" : null;
}
