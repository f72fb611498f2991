/** Serial queues of work, one per chat. */

/** Messages of one chat waiting or running: the server would reject a ninth unanswered one anyway. */
const LANE_MAX = 8;

export class Lanes {
  readonly #lanes = new Map<string, { last: Promise<unknown>; length: number }>();

  /** Whether the lane accepts no more work now. */
  isFull(lane: string): boolean {
    return (this.#lanes.get(lane)?.length ?? 0) >= LANE_MAX;
  }

  /** Whether the lane has waiting or running work. */
  isBusy(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  /** Runs `work` after all earlier work of the lane has ended, successfully or not. */
  async run<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const lane = this.#lanes.get(name) ?? { last: Promise.resolve(), length: 0 };
    this.#lanes.set(name, lane);
    const mine = lane.last.then(work, work);
    lane.last = mine;
    lane.length++;
    try {
      return await mine;
    } finally {
      if (--lane.length === 0) this.#lanes.delete(name);
    }
  }
}
