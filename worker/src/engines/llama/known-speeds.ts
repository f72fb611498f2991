/** The speeds of one engine: measured before its first job, and repeatedly while the machine was busy meanwhile. */
import type { Speeds } from "./child-messages.ts";

/** A start keeps the machine busy; a minute later that is over. */
const MEASURE_SOON_MS = 60_000;
/** Interval between measurements: often enough for a worker that runs for days, at most 4 s of work in 600. */
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

  /** Whether an idle engine should be measured again. */
  outdated(now: number): boolean {
    return this.#speeds?.busy === true && now - this.#measuredAt > this.#againInMs;
  }

  /** Requests a measurement and returns it; `null` if there is none, and the known speeds stay. */
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

  /** Settles the requested measurement: `null` when a job pre-empted it or the engine ended. */
  settle(measured: Speeds | null): void {
    this.#settle(measured);
  }
}
