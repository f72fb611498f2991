/** The speeds of one engine: measured before its first job, and again for as long as they are those of a busy machine. */
import type { Speeds } from "./child-messages.ts";

/** A start makes the machine busy by itself; a minute later that is over. */
const MEASURE_SOON_MS = 60_000;
/** Often enough for a worker that runs for days, and 4 s of work at most in 600. */
const MEASURE_AGAIN_MS = 600_000;

export class KnownSpeeds {
  #speeds: Speeds | null;
  #measuredAt = performance.now();
  #againInMs = MEASURE_SOON_MS;
  #settle: (measured: Speeds | null) => void = () => {};

  constructor(speeds: Speeds | null) {
    this.#speeds = speeds;
  }

  get speeds(): Speeds | null {
    return this.#speeds;
  }

  /** Whether an engine with nothing to do had better be measured again. */
  outdated(now: number): boolean {
    return this.#speeds?.busy === true && now - this.#measuredAt > this.#againInMs;
  }

  /** Asks for a measurement; answers it, or `null` where there is none, and then what was known stays. */
  async measure(ask: () => void): Promise<Speeds | null> {
    this.#measuredAt = performance.now();
    if (this.#speeds !== null) this.#againInMs = MEASURE_AGAIN_MS;
    const measured = await new Promise<Speeds | null>((resolve) => {
      this.#settle = resolve;
      ask();
    });
    this.#speeds = measured ?? this.#speeds;
    return measured;
  }

  /** What the measurement asked for has come to: `null` when it gave way to a job, or the engine ended. */
  settle(measured: Speeds | null): void {
    this.#settle(measured);
  }
}
