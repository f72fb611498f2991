/** A fair queue: one lane per owner; lanes take turns, so that a long lane delays only its owner. */

export class OwnerLanes<Item> {
  readonly #laneMax: number;
  /** Lanes by owner, next turn first; an owner without waiting items is absent. */
  readonly #lanes = new Map<string, Item[]>();

  /** @param laneMax  maximum items one owner may have waiting */
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

  /** Removes the oldest item of the owner whose turn it is; the owner's next turn comes after all others'. */
  next(): Item | undefined {
    const [first] = this.#lanes;
    if (!first) return undefined;
    const [owner, lane] = first;
    const item = lane.shift();
    this.#lanes.delete(owner);
    if (lane.length > 0) this.#lanes.set(owner, lane);
    return item;
  }

  /** Removes all items, in the order of turns. */
  drain(): Item[] {
    const items: Item[] = [];
    for (let item = this.next(); item !== undefined; item = this.next()) items.push(item);
    return items;
  }
}
