/** The scheduler's input. Times are ms of one clock of the caller's choice; a snapshot is immutable. */

/** A model as one worker serves it. */
export interface ModelView {
  readonly id: string;
  /** Two files of one name are two models: only the hash counts. */
  readonly sha256: string;
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number;
  /** Whether this engine supports grammars. */
  readonly constrains: boolean;
  readonly slots: number;
  readonly prefillTokensPerS: number;
  readonly decodeTokensPerS: number;
}

/** A lease being worked on. */
export interface RunningView {
  readonly job: string;
  readonly model: string;
  readonly owner: string;
  /** When it is expected to end. */
  readonly endsAt: number;
}

export interface WorkerView {
  readonly id: string;
  /** Whose it is, and the machines that work with it; empty: nobody's. It does no unpaid work for these. */
  readonly people: readonly string[];
  /**
   * What stands behind it, 0 to 10 for all machines of a person together: how often it is drawn for paid jobs. 0: it gets
   * none. Of a group the least.
   */
  readonly weight: number;
  /** How often it is drawn for unpaid jobs, which earn a record and a part of promotions. */
  readonly freeWeight: number;
  /** Its price, in percent of the list's. */
  readonly askPercent: number;
  /** False after missed heartbeats, while it is being disconnected, and while it is drained. */
  readonly healthy: boolean;
  readonly models: readonly ModelView[];
  readonly running: readonly RunningView[];
  /** Leases of all its models together that it may hold: few until it has finished a few. */
  readonly leasesMax: number;
  /** It has finished enough leases, and enough of those it took, to be asked before strangers. */
  readonly proven: boolean;
  /** End of its pause after repeated failures; null when it is not paused. */
  readonly pausedUntil: number | null;
  /** When its last lease ended, or when it joined. */
  readonly idleSince: number;
  /** Leases it finished and leases that ended by its fault; the older, the less they count. */
  readonly completed: number;
  readonly failed: number;
  /** Prompt tokens its engine still remembers, by cache key. */
  readonly warm: ReadonlyMap<string, number>;
}

/** A job waiting for a worker. */
export interface WaitingJob {
  readonly id: string;
  readonly owner: string;
  /** Who asked; null for a key of the house. */
  readonly person: string | null;
  /** Somebody's money pays for it: it goes to machines with a stake. */
  readonly isPaid: boolean;
  readonly model: string;
  readonly sha256: string;
  readonly constrained: boolean;
  /** The price is locked: a dearer worker cannot do it, not even when it moves and no other is left. */
  readonly askPercentMax: number;
  /** For a free answer: it goes last. */
  readonly isFree: boolean;
  /** Tokens to read before the next token: the prompt and the text of earlier attempts. */
  readonly promptTokens: number;
  /** Maximum tokens still to write. */
  readonly maxTokens: number;
  readonly cacheKey: string;
  readonly since: number;
  /** Whether it was running and lost its worker: a person is watching half an answer, so it goes first. */
  readonly moved: boolean;
  /** Not to be leased before this time. */
  readonly notBefore: number;
  /** Workers that had the job and returned no answer, for any reason. */
  readonly failedOn: ReadonlySet<string>;
}

/** The model as this worker serves it, if it is the very file the job asks for. */
export function servedModel(worker: WorkerView, job: Pick<WaitingJob, "model" | "sha256">): ModelView | undefined {
  return worker.models.find((model) => model.id === job.model && model.sha256 === job.sha256);
}

/** Leases of this model the worker may still be given; below zero while it holds more than it may. */
export function freeSlots(worker: WorkerView, model: ModelView): number {
  const ofModel = worker.running.filter((lease) => lease.model === model.id).length;
  return Math.min(model.slots - ofModel, worker.leasesMax - worker.running.length);
}

/** Leases whose end frees a slot for this model: its own, or all of them if their common bound is the tighter one. */
export function leasesInTheWay(worker: WorkerView, model: ModelView): readonly RunningView[] {
  const ofModel = worker.running.filter((lease) => lease.model === model.id);
  return worker.leasesMax - worker.running.length < model.slots - ofModel.length ? worker.running : ofModel;
}
