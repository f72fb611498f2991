/** The workers with a free slot, while leases are being given: counted, drawn from, and kept up to date. */
import type { CandidateFinder, Kind, Part } from "./candidates.ts";
import { WeightTree } from "./weight-tree.ts";
import type { WidestFirst } from "./widest-first.ts";
import type { Load } from "./load.ts";
import type { WaitingJob, WorkerView } from "./snapshot.ts";

/** Two draws spread load almost as well as asking everyone; see route.ts. */
const DRAWS = 2;
/**
 * The second draw is repeated this often while it is a machine of whoever has the first: else whoever splits one machine into
 * many would fill both, and be compared with nobody. What is left of that with half of the pool is 1/256.
 */
export const REDRAWS_MAX = 8;
/** Weights are drawn by in whole parts so small that a thousand machines which share the least weight have one each. */
export const WEIGHT_UNIT = 100_000;

export class FreeWorkers {
  readonly #finder: CandidateFinder;
  readonly #load: Load;
  readonly #workers: readonly WorkerView[];
  readonly #trees = new Map<WidestFirst, WeightTree>();
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
    this.#workers = parts.workers;
    this.#warm = warmWorkers(parts.workers, parts.jobs);
  }

  hasAny(part: Part): boolean {
    const absent = part.without.reduce((sum, worker) => sum + this.#weight(part.kind, worker), 0);
    return this.#treeOf(part).sum(part.reach) > absent;
  }

  /** All workers with the job's prefix cached, and two of the others, of different people where there are, drawn by weight. */
  candidates(part: Part, cacheKey: string, draw: () => number): number[] {
    const tree = this.#treeOf(part);
    const absent = part.without.filter((worker) => this.#isFree(part, worker));
    const warm = (this.#warm.get(cacheKey) ?? []).filter(
      (worker) => this.#isFree(part, worker) && !absent.includes(worker),
    );
    const drawn: number[] = [];
    const takeOut = (worker: number) => tree.set(part.kind.placeOf[worker]!, 0);
    absent.forEach(takeOut);
    warm.forEach(takeOut);
    for (let left = tree.sum(part.reach); left > 0 && drawn.length < DRAWS; left = tree.sum(part.reach)) {
      const drawOne = () => part.ranking.workers[tree.at(Math.floor(draw() * left))]!;
      let worker = drawOne();
      for (let redraws = 0; redraws < REDRAWS_MAX && this.#haveOneOwner(worker, drawn[0]); redraws++)
        worker = drawOne();
      takeOut(worker);
      drawn.push(worker);
    }
    const candidates = [...warm, ...drawn];
    for (const worker of [...absent, ...candidates])
      tree.set(part.kind.placeOf[worker]!, this.#weight(part.kind, worker));
    return candidates;
  }

  /** Counts one more lease of the worker. */
  took(worker: number, model: string): void {
    this.#load.add(worker, model);
    for (const kind of this.#finder.kinds) {
      const ranking = kind.rankingOf[worker];
      if (ranking) this.#trees.get(ranking)?.set(kind.placeOf[worker]!, this.#weight(kind, worker));
    }
  }

  #haveOneOwner(worker: number, other: number | undefined): boolean {
    if (other === undefined) return false;
    const { people } = this.#workers[other]!;
    return this.#workers[worker]!.people.some((person) => people.includes(person));
  }

  /** In draws for jobs of this kind; 0 while it has no free slot. */
  #weight(kind: Kind, worker: number): number {
    if (this.#load.free(worker, kind.models[worker]!) <= 0) return 0;
    const { weight, freeWeight } = this.#workers[worker]!;
    return Math.max(1, Math.round((kind.isPaid ? weight : freeWeight) * WEIGHT_UNIT));
  }

  #isFree({ kind, ranking, reach }: Part, worker: number): boolean {
    const place = kind.placeOf[worker]!;
    return kind.rankingOf[worker] === ranking && place < reach && this.#load.free(worker, kind.models[worker]!) > 0;
  }

  #treeOf({ kind, ranking }: Part): WeightTree {
    const known = this.#trees.get(ranking);
    if (known) return known;
    const tree = new WeightTree(ranking.workers.length, (place) => this.#weight(kind, ranking.workers[place]!));
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
