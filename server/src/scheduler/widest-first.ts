/**
 * Workers that serve one kind of job and stand equally, the widest context first: those that a job fits are always
 * the beginning of the line. Of equal contexts the first in the snapshot comes first.
 */
export class WidestFirst {
  readonly workers: readonly number[];
  readonly #contexts: readonly number[];

  constructor(members: readonly RankedWorker[]) {
    const sorted = [...members].sort((one, other) => other.contextTokens - one.contextTokens);
    this.workers = sorted.map(({ worker }) => worker);
    this.#contexts = sorted.map(({ contextTokens }) => contextTokens);
  }

  /** How many of them hold so many tokens. */
  reach(tokens: number): number {
    let [low, high] = [0, this.#contexts.length];
    if (high > 0 && this.#contexts[high - 1]! >= tokens) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#contexts[middle]! >= tokens) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export interface RankedWorker {
  /** Its place in the snapshot. */
  readonly worker: number;
  readonly contextTokens: number;
}
