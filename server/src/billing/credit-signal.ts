/** Tells whoever listens that workers got credit notes, once those are stored. It keeps nothing: what nobody hears is read later. */
export class CreditSignal {
  readonly #listeners = new Set<(worker: string) => void>();

  /** Listens until the returned function is called. A listener must not throw. */
  listen(listener: (worker: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(workers: readonly string[]): void {
    for (const worker of workers) for (const listener of this.#listeners) listener(worker);
  }
}
