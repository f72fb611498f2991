/**
 * Equal workers for one kind of job, sorted by context, widest first: those that fit a job are always a prefix of the
 * list. Equal contexts keep the order of the snapshot.
 */
export class WidestFirst {
  readonly workers: readonly number[];
  readonly #contexts: readonly number[];

  constructor(members: readonly RankedWorker[]) {
    const sorted = [...members].sort((one, other) => other.contextTokens - one.contextTokens);
    this.workers = sorted.map(({ worker }) => worker);
    this.#contexts = sorted.map(({ contextTokens }) => contextTokens);
  }

  /** How many of them have a context of at least this many tokens. */
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
  /** Its index in the snapshot. */
  readonly worker: number;
  readonly contextTokens: number;
}
