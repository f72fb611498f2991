/** Counts items per owner and in total. */
export class OwnerTally {
  /** Owners without items are absent. */
  readonly #counts = new Map<string, number>();
  #all = 0;

  get all(): number {
    return this.#all;
  }

  of(owner: string): number {
    return this.#counts.get(owner) ?? 0;
  }

  /** Counts one item until disposed; disposing twice has one effect. */
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
