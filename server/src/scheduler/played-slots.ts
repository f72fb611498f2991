/** Simulates when each worker's slots become free while a queue is played forward. Models of a worker are simulated apart. */
import type { CandidateFinder, Part } from "./candidates.ts";
import { Heap } from "./heap.ts";
import type { WidestFirst } from "./widest-first.ts";
import { Load } from "./load.ts";
import { MinTree } from "./min-tree.ts";
import { durationMs } from "./predict.ts";
import { leasesInTheWay } from "./snapshot.ts";
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

export class PlayedSlots {
  readonly #finder: CandidateFinder;
  readonly #now: number;
  readonly #workers: readonly WorkerView[];
  readonly #load: Load;
  /** When each worker has its next free slot. */
  readonly #nextAt = new Map<WidestFirst, MinTree>();
  /** By worker, then by its model. */
  readonly #slots: Map<ModelView, ModelSlots>[] = [];

  constructor(finder: CandidateFinder, { now, workers }: { now: number; workers: readonly WorkerView[] }) {
    this.#finder = finder;
    this.#now = now;
    this.#workers = workers;
    this.#load = new Load(workers);
  }

  /** Assigns the job to the first free slot and returns when it is free; null without a suitable worker. */
  play(job: WaitingJob, part: Part): number | null {
    if (part.size === 0) return null;
    const worker = this.#firstOf(part);
    const model = part.kind.models[worker]!;
    const slots = this.#slotsOf(worker, model);
    const at = slots.nextAt;
    slots.take(at + durationMs(job, this.#workers[worker]!, model, this.#load.all(worker)));
    for (const { models, rankingOf, placeOf } of this.#finder.kinds) {
      if (models[worker] === model) this.#nextAt.get(rankingOf[worker]!)?.set(placeOf[worker]!, slots.nextAt);
    }
    return at;
  }

  /** The worker whose slot is free first. */
  #firstOf({ kind, ranking, reach, without }: Part): number {
    const tree = this.#treeOf(ranking, kind.models);
    const hidden = without.map((worker) => ({ place: kind.placeOf[worker]!, at: tree.get(kind.placeOf[worker]!) }));
    for (const { place } of hidden) tree.set(place, Infinity);
    const first = ranking.workers[tree.smallest(reach)]!;
    for (const { place, at } of hidden) tree.set(place, at);
    return first;
  }

  #treeOf(ranking: WidestFirst, models: readonly (ModelView | undefined)[]): MinTree {
    const known = this.#nextAt.get(ranking);
    if (known) return known;
    const tree = new MinTree(ranking.workers.length, (place) => {
      const worker = ranking.workers[place]!;
      return this.#nextOf(worker, models[worker]!);
    });
    this.#nextAt.set(ranking, tree);
    return tree;
  }

  /** Computed without listing the slots: most workers get no job. */
  #nextOf(worker: number, model: ModelView): number {
    const free = this.#load.free(worker, model);
    if (free < 0 || this.#slots[worker]?.has(model)) return this.#slotsOf(worker, model).nextAt;
    if (free > 0) return this.#now;
    const leases = leasesInTheWay(this.#workers[worker]!, model);
    return Math.max(
      this.#now,
      leases.reduce((first, { endsAt }) => Math.min(first, endsAt), Infinity),
    );
  }

  #slotsOf(worker: number, model: ModelView): ModelSlots {
    const ofWorker = (this.#slots[worker] ??= new Map());
    const known = ofWorker.get(model);
    if (known) return known;
    const ends = leasesInTheWay(this.#workers[worker]!, model).map(({ endsAt }) => Math.max(this.#now, endsAt));
    const slots = new ModelSlots(this.#load.free(worker, model), this.#now, ends);
    ofWorker.set(model, slots);
    return slots;
  }
}

/** The slots of one model on one worker; free slots are only a count, so that a claimed number costs nothing. */
class ModelSlots {
  #free: number;
  readonly #now: number;
  readonly #busyUntil: Heap<number>;

  constructor(free: number, now: number, busyUntil: readonly number[]) {
    this.#free = Math.max(0, free);
    this.#now = now;
    this.#busyUntil = new Heap(busyUntil, (one, other) => one < other);
    // Leases above the worker's bound free no slot when they end.
    for (let beyond = -free; beyond > 0; beyond--) this.#busyUntil.pop();
  }

  get nextAt(): number {
    return this.#free > 0 ? this.#now : this.#busyUntil.first!;
  }

  /** Occupies the slot that is free next. */
  take(until: number): void {
    if (this.#free > 0) this.#free--;
    else this.#busyUntil.pop();
    this.#busyUntil.push(until);
  }
}
