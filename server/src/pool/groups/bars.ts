/**
 * Machines that no group takes for a while, because they left one or could not do their part: a minute the first time,
 * twice as long each time after that. A head's word bars a node from that head alone; the pool's own eyes bar it from
 * all. In memory: a restart forgives.
 */
import type { Bar } from "../../scheduler/groups/form-groups.ts";

const FIRST_MS = 60_000;
const LONGEST_MS = 30 * 60_000;
/** So long after its end a bar is forgotten, and the next is a minute again. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;
/** Twice as many as machines can be connected; beyond it the oldest are forgotten. */
const BARS_MAX = 10_000;

export class Bars {
  readonly #bars = new Map<string, Bar & { times: number }>();

  /** @param head  null: from all groups */
  bar({ worker, head }: Pick<Bar, "worker" | "head">, now: number): void {
    const key = `${head} ${worker}`;
    const times = this.#bars.get(key)?.times ?? 0;
    this.#bars.delete(key);
    this.#bars.set(key, { worker, head, until: now + Math.min(LONGEST_MS, FIRST_MS * 2 ** times), times: times + 1 });
    if (this.#bars.size > BARS_MAX) this.#bars.delete(this.#bars.keys().next().value!);
  }

  /** All that are remembered, those that are over included. */
  all(now: number): Bar[] {
    for (const [key, { until }] of this.#bars) if (until + FORGOTTEN_AFTER_MS <= now) this.#bars.delete(key);
    return [...this.#bars.values()];
  }
}
