/**
 * What a worker tells a pool beyond what every version of it knows. An older pool refuses a `ready` that holds more, and
 * does not say its version: the worker joins again with less, that of the newest version first.
 */
import type { SplitOffer } from "@starai/protocol/split";
import { PROTOCOL } from "@starai/protocol/worker-frames";

/** Null: there is nothing of it, or the pool would refuse it. */
export interface Told {
  /** The last credit note of each asset. */
  notes: { coin: number; stars: number } | null;
  split: SplitOffer | null;
  ownerCode: string | null;
}

/** The minor versions of the protocol that brought these. */
const NOTES = 1;
const GROUPS = 2;
/** Then it is told everything again: it may be newer by now. */
const OLDER_MS = 60 * 60_000;

export class PoolVersion {
  readonly #now: () => number;
  #minor: number = PROTOCOL.minor;
  #until = -Infinity;

  /** @param now  monotonic milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get knowsGroups(): boolean {
    return this.#known() >= GROUPS;
  }

  /** Milliseconds until it is told everything again. */
  get olderForMs(): number {
    return Math.max(0, this.#until - this.#now());
  }

  /** What of all this it is told. */
  told(all: Told): Told {
    return {
      notes: this.#known() >= NOTES ? all.notes : null,
      split: this.knowsGroups ? all.split : null,
      ownerCode: this.knowsGroups ? all.ownerCode : null,
    };
  }

  /** It refused what it was told. */
  refused({ split, ownerCode }: Told): void {
    this.#minor = split !== null || ownerCode !== null ? GROUPS - 1 : NOTES - 1;
    this.#until = this.#now() + OLDER_MS;
  }

  #known(): number {
    return this.olderForMs > 0 ? this.#minor : PROTOCOL.minor;
  }
}
