/**
 * How busy each model was over the last day, or since this server started: what a machine more would have been asked for.
 * Kept in memory, as sums by the hour: what a restart loses is a guess for whoever thinks of lending a machine.
 */
import type { ModelLoad } from "@starai/protocol/pool-prices";

/** Of one model at one moment: slots of its machines, those at work, and jobs that wait for one. */
export interface ModelUse {
  slots: number;
  busy: number;
  waiting: number;
}

interface Hour {
  readonly hour: number;
  looks: number;
  /** Sums over the looks, by model id. Bounded by the catalogue. */
  readonly sums: Map<string, ModelUse>;
}

const HOUR_MS = 3_600_000;
const HOURS_KEPT = 24;

export class ModelLoads {
  /** The oldest first; a day's at most. */
  #hours: Hour[] = [];

  /** Takes down how the models are used now. Called once a minute. */
  look(now: number, uses: ReadonlyMap<string, ModelUse>): void {
    const { sums } = this.#hourAt(now);
    for (const [id, { slots, busy, waiting }] of uses) {
      const sum = sums.get(id) ?? { slots: 0, busy: 0, waiting: 0 };
      sums.set(id, { slots: sum.slots + slots, busy: sum.busy + busy, waiting: sum.waiting + waiting });
    }
  }

  /** The means over all looks; null before the first. */
  of(id: string): ModelLoad | null {
    const looks = this.#hours.reduce((sum, hour) => sum + hour.looks, 0);
    if (looks === 0) return null;
    const sum = (what: keyof ModelUse) => this.#hours.reduce((all, { sums }) => all + (sums.get(id)?.[what] ?? 0), 0);
    const [slots, busy, waiting] = [sum("slots"), sum("busy"), sum("waiting")];
    return {
      looks,
      slots: rounded(slots / looks),
      busy: slots === 0 ? 0 : rounded(Math.min(1, busy / slots)),
      waiting: rounded(waiting / looks),
    };
  }

  #hourAt(now: number): Hour {
    const hour = Math.floor(now / HOUR_MS);
    const known = this.#hours.find((one) => one.hour === hour);
    const current = known ?? { hour, looks: 0, sums: new Map<string, ModelUse>() };
    // Where the clock was set back, what was seen "later" is dropped too.
    const before = this.#hours.filter((one) => one.hour < hour && one.hour > hour - HOURS_KEPT);
    this.#hours = [...before, current];
    current.looks++;
    return current;
  }
}

const rounded = (value: number) => Math.round(value * 1_000) / 1_000;
