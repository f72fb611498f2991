import { must } from "./part.ts";

/**
 * The law of an allowance: over any time, what is drawn is at most the largest limit in force, once, and again for every period that passed.
 * Times are UNIX seconds, amounts nano units.
 */
export class AllowanceLaw {
  readonly #name: string;
  readonly #period: number;
  readonly #draws: { at: number; amount: bigint }[] = [];
  #limitMost = 0n;

  constructor(name: string, period: number, limit: bigint) {
    this.#name = name;
    this.#period = period;
    this.limited(limit);
  }

  /** The limit is this from now on. */
  limited(limit: bigint): void {
    if (limit > this.#limitMost) this.#limitMost = limit;
  }

  drawn(at: number, amount: bigint): void {
    this.#draws.push({ at, amount });
    let sum = 0n;
    for (const draw of this.#draws.toReversed()) {
      sum += draw.amount;
      const allowed = this.#limitMost + (this.#limitMost * BigInt(at - draw.at)) / BigInt(this.#period);
      must(sum <= allowed, `${this.#name}: ${sum} drawn in ${at - draw.at} seconds, and ${allowed} allowed`);
    }
  }
}
