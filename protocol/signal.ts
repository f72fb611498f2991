/** A repeated event that callers can wait for: each promise resolves at the next occurrence. */
export class Signal {
  #settle: () => void = () => undefined;
  #next: Promise<void> = this.#renew();

  /** Resolves when it happens next. Take it before checking what you wait for, so that nothing is missed in between. */
  get next(): Promise<void> {
    return this.#next;
  }

  happen(): void {
    const settle = this.#settle;
    this.#next = this.#renew();
    settle();
  }

  #renew(): Promise<void> {
    return new Promise((resolve) => (this.#settle = resolve));
  }
}
