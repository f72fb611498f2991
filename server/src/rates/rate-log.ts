/** What the log says of the coin's rate: changes only, because it is read every minute. */
import type { Logger } from "pino";
import type { Rate, RateReading } from "../prices/rate.ts";

export class RateLog {
  readonly #log: Logger;
  /** Sources that gave no rate the last time: at most the few that there are. */
  readonly #silent = new Set<string>();
  #isMade = true;
  #isStopped = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  failed(source: string, error: unknown): void {
    if (!this.#silent.has(source)) this.#log.warn({ source, err: error }, "a source of the coin's rate gave none");
    this.#silent.add(source);
  }

  answered(readings: readonly RateReading[]): void {
    for (const { source } of readings)
      if (this.#silent.delete(source)) this.#log.info({ source }, "a source of the coin's rate answers again");
  }

  /** @param rate  null: the readings made none */
  made(rate: Rate | null): void {
    if (rate === null && this.#isMade)
      this.#log.warn("no two sources agree about the coin's rate; the last one is used until it is six hours old");
    if (rate !== null && !this.#isMade) this.#log.info("the coin has a new rate again");
    this.#isMade = rate !== null;
    if (rate !== null) this.#looked(rate);
  }

  #looked({ id, stopped, microUsdPerCoin }: Rate): void {
    if (stopped !== null && !this.#isStopped)
      this.#log.error(
        { rate: id, stopped, microUsdPerCoin: String(microUsdPerCoin) },
        "the coin's rate is to be looked at: no new answers are paid in coins until `npm run operator -- rates confirm`",
      );
    if (stopped === null && this.#isStopped) this.#log.info({ rate: id }, "the coin's rate is used again");
    this.#isStopped = stopped !== null;
  }
}
