/** Leases each worker holds: counted once per snapshot, and updated while leases are granted. */
import type { ModelView, WorkerView } from "./snapshot.ts";

/** Workers are identified by their index in the snapshot. */
export class Load {
  readonly #workers: readonly WorkerView[];
  readonly #all: Int32Array;
  /** By model id, then by worker. */
  readonly #ofModel = new Map<string, Int32Array>();
  readonly #trials = new Map<string, number>();

  constructor(workers: readonly WorkerView[]) {
    this.#workers = workers;
    this.#all = new Int32Array(workers.length);
    for (let at = 0; at < workers.length; at++) this.#all[at] = workers[at]!.running.length;
  }

  /** Leases of all models. */
  all(worker: number): number {
    return this.#all[worker]!;
  }

  /** Leases of the model it can still take, as freeSlots counts them. */
  free(worker: number, model: ModelView): number {
    const ofModel = this.#countsOf(model.id)[worker]!;
    return Math.min(model.slots - ofModel, this.#workers[worker]!.leasesMax - this.#all[worker]!);
  }

  /** Leases of the model that strangers hold. */
  trials(model: string): number {
    const known = this.#trials.get(model);
    if (known !== undefined) return known;
    const counts = this.#countsOf(model);
    const trials = this.#workers.reduce((sum, worker, at) => (worker.proven ? sum : sum + counts[at]!), 0);
    this.#trials.set(model, trials);
    return trials;
  }

  add(worker: number, model: string): void {
    const trials = this.trials(model);
    if (!this.#workers[worker]!.proven) this.#trials.set(model, trials + 1);
    this.#countsOf(model)[worker]! += 1;
    this.#all[worker]! += 1;
  }

  #countsOf(model: string): Int32Array {
    const known = this.#ofModel.get(model);
    if (known) return known;
    const counts = new Int32Array(this.#workers.length);
    for (let at = 0; at < counts.length; at++) {
      let count = 0;
      for (const lease of this.#workers[at]!.running) if (lease.model === model) count++;
      counts[at] = count;
    }
    this.#ofModel.set(model, counts);
    return counts;
  }
}
