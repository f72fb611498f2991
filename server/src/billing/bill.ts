/** A bill as code sees it: the row with its price in bigint. */
import type { BudgetBound, PaidWith, StoredPrice } from "@starai/protocol/receipts";
import type { bills } from "../db/schema.ts";
import type { Asset } from "../ledger/rules/account-kinds.ts";
import type { TokenPrices } from "../prices/price-table.ts";

export interface Bill {
  readonly id: string;
  readonly kind: "answer" | "request";
  readonly person: string | null;
  readonly apiKey: string | null;
  readonly paidWith: PaidWith;
  /** Raw address of its person's own escrow, where the coins come from there. */
  readonly escrow: string | null;
  readonly model: string;
  readonly price: StoredPrice;
  /** Nano units for a million tokens. */
  readonly prices: TokenPrices;
  readonly budget: bigint;
  readonly bound: BudgetBound | null;
  readonly day: string;
  readonly openedAt: Date;
  readonly isClosed: boolean;
}

export function billOf(row: typeof bills.$inferSelect): Bill {
  const { prompt, cached, answer } = row.price.perMillion;
  return {
    ...row,
    prices: { prompt: BigInt(prompt), cached: BigInt(cached), answer: BigInt(answer) },
    isClosed: row.closedAt !== null,
  };
}

/** What a paid bill is held and captured in; null for one that moves nobody's money. */
export function assetOf({ paidWith }: Pick<Bill, "paidWith">): Asset | null {
  return paidWith === "stars" || paidWith === "coin" ? paidWith : null;
}

export const personOwner = (person: string): string => `person:${person}`;
export const keyOwner = (key: string): string => `key:${key}`;
export const workerOwner = (worker: string): string => `worker:${worker}`;
export const HOUSE = "house";

/** The UTC day of a moment, YYYY-MM-DD. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
