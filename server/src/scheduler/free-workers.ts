/** The workers with a free slot, while leases are being given: counted, drawn from, and kept up to date. */
import type { CandidateFinder, Part } from "./candidates.ts";
import { CountTree } from "./count-tree.ts";
import type { WidestFirst } from "./widest-first.ts";
import type { Load } from "./load.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

/** Two draws spread load almost as well as asking everyone; see route.ts. */
const DRAWS = 2;

export class FreeWorkers {
  readonly #finder: CandidateFinder;
  readonly #load: Load;
  readonly #trees = new Map<WidestFirst, CountTree>();
  /** Workers whose engine has a waiting job's prefix cached, by cache key. */
  readonly #warm: ReadonlyMap<string, readonly number[]>;

  constructor(parts: {
    finder: CandidateFinder;
    load: Load;
    workers: readonly WorkerView[];
    jobs: readonly WaitingJob[];
  }) {
    this.#finder = parts.finder;
    this.#load = parts.load;
    this.#warm = warmWorkers(parts.workers, parts.jobs);
  }

  hasAny(part: Part): boolean {
    return this.#treeOf(part).count(part.reach) > part.without.filter((worker) => this.#isFree(part, worker)).length;
  }

  /** All workers with the job's prefix cached, and two of the others at random. */
  candidates(part: Part, cacheKey: string, draw: () => number): number[] {
    const tree = this.#treeOf(part);
    const absent = part.without.filter((worker) => this.#isFree(part, worker));
    const warm = (this.#warm.get(cacheKey) ?? []).filter(
      (worker) => this.#isFree(part, worker) && !absent.includes(worker),
    );
    const drawn: number[] = [];
    const takeOut = (worker: number) => tree.set(part.kind.placeOf[worker]!, false);
    absent.forEach(takeOut);
    warm.forEach(takeOut);
    for (let left = tree.count(part.reach); left > 0 && drawn.length < DRAWS; left--) {
      const worker = part.ranking.workers[tree.at(Math.floor(draw() * left))]!;
      takeOut(worker);
      drawn.push(worker);
    }
    const candidates = [...warm, ...drawn];
    for (const worker of [...absent, ...candidates]) tree.set(part.kind.placeOf[worker]!, true);
    return candidates;
  }

  /** Counts one more lease of the worker. */
  took(worker: number, model: string): void {
    this.#load.add(worker, model);
    for (const { rankingOf, placeOf, models } of this.#finder.kinds) {
      const ranking = rankingOf[worker];
      if (ranking) this.#trees.get(ranking)?.set(placeOf[worker]!, this.#load.free(worker, models[worker]!) > 0);
    }
  }

  #isFree({ kind, ranking, reach }: Part, worker: number): boolean {
    const place = kind.placeOf[worker]!;
    return kind.rankingOf[worker] === ranking && place < reach && this.#load.free(worker, kind.models[worker]!) > 0;
  }

  #treeOf({ kind, ranking }: Part): CountTree {
    const known = this.#trees.get(ranking);
    if (known) return known;
    const isFree = (worker: number) => this.#load.free(worker, kind.models[worker]!) > 0;
    const tree = new CountTree(ranking.workers.length, (place) => isFree(ranking.workers[place]!));
    this.#trees.set(ranking, tree);
    return tree;
  }
}

function warmWorkers(workers: readonly WorkerView[], jobs: readonly WaitingJob[]): Map<string, number[]> {
  const warm = new Map<string, number[]>(jobs.map((job) => [job.cacheKey, []]));
  workers.forEach((worker, place) => {
    for (const cacheKey of worker.warm.keys()) warm.get(cacheKey)?.push(place);
  });
  return warm;
}
