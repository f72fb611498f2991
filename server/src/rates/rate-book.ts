/** The coin's rate as this server knows it: stored, and remembered for a second. */
import type { Base } from "../base.ts";
import { currentRate, nextRate } from "../prices/rate.ts";
import type { CurrentRate, Rate, RateReading } from "../prices/rate.ts";
import { insertRate, latestRate, lockRates, recentRates } from "./rate-rows.ts";

/** An operator who confirmed a rate from another process is followed within this. */
const REMEMBER_MS = 1_000;

export class RateBook {
  readonly #ctx: Pick<Base, "db" | "clock" | "monotonic">;
  /** The promise is kept, so that all who ask at once share one query. */
  #latest: { readonly rate: Promise<Rate | null>; readonly until: number } | null = null;
  #known: Rate | null = null;

  constructor(ctx: Pick<Base, "db" | "clock" | "monotonic">) {
    this.#ctx = ctx;
  }

  /** The latest rate, and whether new paid answers may use it. */
  async current(): Promise<CurrentRate> {
    const rate = await this.#remembered();
    return currentRate(rate === null ? [] : [rate], this.#ctx.clock());
  }

  /** Age of the last rate this server saw, without asking the database; null before it saw one. */
  get ageMs(): number | null {
    return this.#known === null ? null : Math.max(0, this.#ctx.clock() - this.#known.at);
  }

  /**
   * Makes a rate of these readings and stores it; null when they make none.
   * @param guarded  compares it with earlier rates: see prices/rate.ts
   */
  async store(readings: readonly RateReading[], { guarded }: { guarded: boolean }): Promise<Rate | null> {
    const now = this.#ctx.clock();
    const rate = await this.#ctx.db.transaction(async (tx) => {
      await lockRates(tx);
      const next = nextRate(readings, guarded ? await recentRates(tx, now) : [], now);
      return next === null ? null : await insertRate(tx, next);
    });
    // Who asks from now on gets the new one, also beside a query that began before.
    if (rate !== null) {
      this.#latest = null;
      this.#known = rate;
    }
    return rate;
  }

  #remembered(): Promise<Rate | null> {
    const now = this.#ctx.monotonic();
    if (this.#latest === null || this.#latest.until <= now) {
      const rate = this.#read();
      this.#latest = { rate, until: now + REMEMBER_MS };
      rate.catch(() => {
        if (this.#latest?.rate === rate) this.#latest = null;
      });
    }
    return this.#latest.rate;
  }

  async #read(): Promise<Rate | null> {
    const rate = await latestRate(this.#ctx.db);
    this.#known = rate;
    return rate;
  }
}
