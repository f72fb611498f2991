/** How many of something each owner holds, and all together. */
export class OwnerTally {
  /** Who holds none is not in it. */
  readonly #counts = new Map<string, number>();
  #all = 0;

  get all(): number {
    return this.#all;
  }

  of(owner: string): number {
    return this.#counts.get(owner) ?? 0;
  }

  /** Counts one more until it is disposed of; twice is once. */
  add(owner: string): Disposable {
    let held = true;
    this.#change(owner, 1);
    return {
      [Symbol.dispose]: () => {
        if (held) this.#change(owner, -1);
        held = false;
      },
    };
  }

  #change(owner: string, by: number): void {
    this.#all += by;
    const count = this.of(owner) + by;
    if (count > 0) this.#counts.set(owner, count);
    else this.#counts.delete(owner);
  }
}
