/**
 * Places for runs at work. The pool limits the jobs of one owner, and this server the runs at work; a run above either
 * limit waits here instead of being refused.
 *
 * A place that becomes free goes to the person with the fewest runs at work, and of those to the one who waited
 * longest: a person who asks a thousand things at once delays only their own answers.
 */

export interface PlaceBounds {
  inAll: number;
  ofOnePerson: number;
}

interface Waiting {
  run: string;
  person: string;
  /** Called with 1 when the run is the next of its person. */
  moved: (position: number) => void;
  /** True: the run may work now. False: it has left the queue. */
  settle: (mayWork: boolean) => void;
}

export class RunPlaces {
  readonly #bounds: PlaceBounds;
  readonly #working = new Map<string, number>();
  /** By run, in order of arrival. */
  readonly #waiting = new Map<string, Waiting>();
  #taken = 0;

  constructor(bounds: PlaceBounds) {
    this.#bounds = bounds;
  }

  /** Returns null if the run has a place, to be freed later; else resolves to true on getting one, false on leaving. */
  take(run: string, person: string, moved: Waiting["moved"]): Promise<boolean> | null {
    if (this.#hasRoom(person)) {
      this.#give(person);
      return null;
    }
    return new Promise((settle) => {
      this.#waiting.set(run, { run, person, moved, settle });
      this.#emitPositions(person);
    });
  }

  /** Frees the place of one of this person's runs and gives it to the next waiting run. */
  free(person: string): void {
    this.#taken--;
    const left = this.#worked(person) - 1;
    if (left > 0) this.#working.set(person, left);
    else this.#working.delete(person);
    const next = this.#next();
    if (next === null) return;
    this.#waiting.delete(next.run);
    this.#give(next.person);
    next.settle(true);
    this.#emitPositions(next.person);
  }

  /** Removes a waiting run from the queue; does nothing for any other run. */
  leave(run: string): void {
    const waiting = this.#waiting.get(run);
    if (waiting === undefined) return;
    this.#waiting.delete(run);
    waiting.settle(false);
    this.#emitPositions(waiting.person);
  }

  leaveAll(): void {
    for (const { settle } of this.#waiting.values()) settle(false);
    this.#waiting.clear();
  }

  /** Position among its person's waiting runs, from 1; null for a run that is not waiting. */
  position(run: string): number | null {
    const waiting = this.#waiting.get(run);
    return waiting === undefined ? null : this.#waitingOf(waiting.person).indexOf(waiting) + 1;
  }

  #hasRoom(person: string): boolean {
    return this.#taken < this.#bounds.inAll && this.#worked(person) < this.#bounds.ofOnePerson;
  }

  #give(person: string): void {
    this.#taken++;
    this.#working.set(person, this.#worked(person) + 1);
  }

  #next(): Waiting | null {
    let best: Waiting | null = null;
    for (const one of this.#waiting.values())
      if (this.#hasRoom(one.person) && (best === null || this.#worked(one.person) < this.#worked(best.person)))
        best = one;
    return best;
  }

  #worked(person: string): number {
    return this.#working.get(person) ?? 0;
  }

  #waitingOf(person: string): Waiting[] {
    return [...this.#waiting.values()].filter((one) => one.person === person);
  }

  #emitPositions(person: string): void {
    for (const [index, { moved }] of this.#waitingOf(person).entries()) moved(index + 1);
  }
}
