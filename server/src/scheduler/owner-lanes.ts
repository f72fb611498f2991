/** What waits for one place of work, in a lane for each owner; the lanes take turns, so a long one delays only itself. */

export class OwnerLanes<Item> {
  readonly #laneMax: number;
  /** By owner, whose turn it is first; who has nothing waiting is not in it. */
  readonly #lanes = new Map<string, Item[]>();

  /** @param laneMax  most that one owner may have waiting */
  constructor(laneMax: number) {
    this.#laneMax = laneMax;
  }

  /** False when the owner's lane is full; nothing is added then. */
  push(owner: string, item: Item): boolean {
    const lane = this.#lanes.get(owner);
    if ((lane?.length ?? 0) >= this.#laneMax) return false;
    if (lane) lane.push(item);
    else this.#lanes.set(owner, [item]);
    return true;
  }

  /** Takes the oldest of the owner whose turn it is; the owner's next turn comes after everybody else's. */
  next(): Item | undefined {
    const [first] = this.#lanes;
    if (!first) return undefined;
    const [owner, lane] = first;
    const item = lane.shift();
    this.#lanes.delete(owner);
    if (lane.length > 0) this.#lanes.set(owner, lane);
    return item;
  }

  /** Takes everything, in the order of turns. */
  drain(): Item[] {
    const items: Item[] = [];
    for (let item = this.next(); item !== undefined; item = this.next()) items.push(item);
    return items;
  }
}
