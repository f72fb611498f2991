/** Finds the workers a waiting job may be leased to, without checking every worker for every job. */
import { contextNeeded, isPaused, modelFor } from "./eligibility.ts";
import type { JobKind } from "./eligibility.ts";
import { WidestFirst } from "./widest-first.ts";
import type { RankedWorker } from "./widest-first.ts";
import type { ModelView, WaitingJob, WorkerView } from "./snapshot.ts";

type Standing = "proven" | "strangers" | "provenPaused" | "strangersPaused";

/** The workers that could do one kind of job. Workers are identified by their index in the snapshot. */
export interface Kind extends JobKind {
  readonly rankings: Readonly<Record<Standing, WidestFirst>>;
  /** By worker: the model it would use, its list of equals, and its index there. */
  readonly models: readonly (ModelView | undefined)[];
  readonly rankingOf: readonly (WidestFirst | undefined)[];
  readonly placeOf: Int32Array;
}

/** A prefix of a list of equal workers, without some of them. */
export interface Part {
  readonly kind: Kind;
  readonly ranking: WidestFirst;
  readonly reach: number;
  readonly without: readonly number[];
  /** How many workers remain, busy ones included. */
  readonly size: number;
}

/** Workers to try, proven ones and strangers apart. */
export interface Candidates {
  readonly proven: Part;
  readonly strangers: Part;
}

export class CandidateFinder {
  readonly #now: number;
  readonly #workers: readonly WorkerView[];
  readonly #kinds: Kind[] = [];
  #places: Map<string, number> | null = null;
  #placesOfPerson: Map<string, number[]> | null = null;

  constructor({ now, workers }: { now: number; workers: readonly WorkerView[] }) {
    this.#now = now;
    this.#workers = workers;
  }

  /** The kinds of jobs seen in this snapshot: a few per model, since jobs are quoted what workers ask then. */
  get kinds(): readonly Kind[] {
    return this.#kinds;
  }

  /**
   * The capable workers, without those that failed the job and those that are paused. Either filter is skipped if it
   * would leave none. Busy workers are included: waiting for one is better than losing the same answer twice. The
   * asker's own machines are left out of unpaid work even if that leaves none.
   */
  worthTrying(job: WaitingJob): Candidates {
    const kind = this.#kindOf(job);
    const own = this.#ownOf(job);
    const failed = this.#placesOf(job.failedOn);
    const fresh = standings(kind, job, failed.length === 0 ? own : [...new Set([...own, ...failed])]);
    const [asked, paused] = isEmpty(fresh) ? standings(kind, job, own) : fresh;
    return sizeOf(asked) > 0 ? asked : paused;
  }

  #kindOf(job: JobKind): Kind {
    const known = this.#kinds.find(
      (kind) =>
        kind.model === job.model &&
        kind.sha256 === job.sha256 &&
        kind.constrained === job.constrained &&
        kind.isPaid === job.isPaid &&
        kind.askPercentMax === job.askPercentMax,
    );
    if (known) return known;
    const kind = kindOf(job, this.#workers, this.#now);
    this.#kinds.push(kind);
    return kind;
  }

  #ownOf({ isPaid, person }: WaitingJob): readonly number[] {
    if (isPaid || person === null) return [];
    this.#placesOfPerson ??= placesByPerson(this.#workers);
    return this.#placesOfPerson.get(person) ?? [];
  }

  #placesOf(ids: ReadonlySet<string>): number[] {
    if (ids.size === 0) return [];
    this.#places ??= new Map(this.#workers.map((worker, place) => [worker.id, place]));
    const places = this.#places;
    return [...ids].flatMap((id) => places.get(id) ?? []);
  }
}

function placesByPerson(workers: readonly WorkerView[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  workers.forEach(({ people }, place) => {
    for (const person of people) {
      const known = places.get(person);
      if (known) known.push(place);
      else places.set(person, [place]);
    }
  });
  return places;
}

function kindOf(job: JobKind, workers: readonly WorkerView[], now: number): Kind {
  const { model, sha256, constrained, askPercentMax, isPaid } = job;
  const models = workers.map((worker) => modelFor(worker, job));
  const members: Record<Standing, RankedWorker[]> = {
    proven: [],
    strangers: [],
    provenPaused: [],
    strangersPaused: [],
  };
  models.forEach((served, worker) => {
    if (served) members[standingOf(workers[worker]!, now)].push({ worker, contextTokens: served.contextTokens });
  });
  const rankingOf: (WidestFirst | undefined)[] = workers.map(() => undefined);
  const placeOf = new Int32Array(workers.length);
  const rank = (standing: Standing): WidestFirst => {
    const ranking = new WidestFirst(members[standing]);
    ranking.workers.forEach((worker, place) => {
      rankingOf[worker] = ranking;
      placeOf[worker] = place;
    });
    return ranking;
  };
  const rankings = {
    proven: rank("proven"),
    strangers: rank("strangers"),
    provenPaused: rank("provenPaused"),
    strangersPaused: rank("strangersPaused"),
  };
  return { model, sha256, constrained, askPercentMax, isPaid, rankings, models, rankingOf, placeOf };
}

function standingOf(worker: WorkerView, now: number): Standing {
  if (isPaused(worker, now)) return worker.proven ? "provenPaused" : "strangersPaused";
  return worker.proven ? "proven" : "strangers";
}

/** Splits workers into available and paused. */
function standings(kind: Kind, job: WaitingJob, without: readonly number[]): [Candidates, Candidates] {
  const { proven, strangers, provenPaused, strangersPaused } = kind.rankings;
  const part = (ranking: WidestFirst) => partOf(kind, ranking, contextNeeded(job), without);
  return [
    { proven: part(proven), strangers: part(strangers) },
    { proven: part(provenPaused), strangers: part(strangersPaused) },
  ];
}

function partOf(kind: Kind, ranking: WidestFirst, tokens: number, without: readonly number[]): Part {
  const reach = ranking.reach(tokens);
  const absent = without.filter((worker) => kind.rankingOf[worker] === ranking && kind.placeOf[worker]! < reach);
  return { kind, ranking, reach, without: absent, size: reach - absent.length };
}

function isEmpty([asked, paused]: [Candidates, Candidates]): boolean {
  return sizeOf(asked) + sizeOf(paused) === 0;
}

function sizeOf({ proven, strangers }: Candidates): number {
  return proven.size + strangers.size;
}
