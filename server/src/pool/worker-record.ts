/**
 * What the pool itself has seen of one worker, over all its connections: how its leases ended, how fast it was, and
 * whether it is paused. Nothing here comes from the worker's own claims.
 *
 * A stranger begins with a few leases at a time and gets one more for each it finishes. One that fails repeatedly is
 * paused for twice as long each time, with the reason kept for its owner; an answer resets that.
 */
import { Pace } from "./pace.ts";
import { Reputation } from "./reputation.ts";
import type { Score } from "./reputation.ts";

/** Leases a worker that has finished none may hold at once. */
const TRIAL_LEASES = 2;
/** Answers after which a worker is asked before strangers. */
const PROVEN_AFTER = 3;
/** A machine with a record may fail once for reasons of its own (a restart, a broken wire); a stranger may not. */
const FAILURES_FORGIVEN = 1;
/** Refusals a server with a true idea of free slots should never see; three in a row count as a failure. */
const REFUSALS_FORGIVEN = 2;
/** A broken wire ends every lease of a machine at once: what ends within this is one event, not several. */
const ONE_EVENT_MS = 1_000;
/** The first pause; each further failure in a row doubles it. */
const PAUSE_MS = 10_000;
const PAUSE_MAX_MS = 3_600_000;
/** A key is on probation in its first day; see owner-book.ts. */
const FRESH_MS = 24 * 3_600_000;

/** The stored part of a worker's record. */
export interface WorkerHistory {
  readonly completed: number;
  readonly failed: number;
  /** The same, the older the less. */
  readonly score: Score;
  /** Ms since its key first got work. */
  readonly knownMs: number;
  readonly failedInRow: number;
  readonly pauses: number;
  /** Ms from now. */
  readonly pausedForMs: number;
  readonly pauseReason: string | null;
}

export const NO_HISTORY: WorkerHistory = {
  completed: 0,
  failed: 0,
  score: { good: 0, bad: 0 },
  knownMs: 0,
  failedInRow: 0,
  pauses: 0,
  pausedForMs: 0,
  pauseReason: null,
};

/** After this many answers in a row that broke their form, the worker gets only plain jobs for a while. */
const FORM_BREAKS_MAX = 3;
/** The first period without forms; each further one is twice as long. It ends, because engines are updated. */
const NO_FORMS_MS = 10 * 60_000;
const NO_FORMS_MAX_MS = 24 * 3_600_000;

interface FormKeeping {
  breaksInRow: number;
  lost: number;
  /** The worker gets no jobs with a form before this time. */
  noneUntil: number;
}

export interface Pause {
  readonly ms: number;
  readonly reason: string;
}

export class WorkerRecord {
  completed: number;
  failed: number;
  failedInRow: number;
  pauses: number;
  pauseReason: string | null;
  /** By the monotonic clock. */
  pausedUntil: number | null;
  /** Until then its key is younger than a day, by the monotonic clock. */
  readonly freshUntil: number;
  readonly #reputation: Reputation;
  #refusedInRow = 0;
  #lastEventAt = -Infinity;
  readonly #paces = new Map<string, Pace>();
  /** By model. Bounded by the catalogue. */
  readonly #forms = new Map<string, FormKeeping>();

  constructor(history: WorkerHistory, now: number) {
    this.completed = history.completed;
    this.failed = history.failed;
    this.#reputation = new Reputation(history.score, now);
    this.freshUntil = now + FRESH_MS - history.knownMs;
    this.failedInRow = history.failedInRow;
    this.pauses = history.pauses;
    this.pauseReason = history.pauseReason;
    this.pausedUntil = history.pausedForMs > 0 ? now + history.pausedForMs : null;
  }

  get leasesMax(): number {
    return TRIAL_LEASES + this.completed;
  }

  /** It has done enough, and lately more good than harm. */
  get proven(): boolean {
    return this.completed >= PROVEN_AFTER && this.#reputation.isGood;
  }

  /** What it did, the older the less: by this its chances of finishing are judged. */
  score(now: number): Score {
    return this.#reputation.at(now);
  }

  /** Of one of its models, by id. Bounded by the catalogue. */
  pace(model: string): Pace {
    const known = this.#paces.get(model);
    if (known) return known;
    const fresh = new Pace();
    this.#paces.set(model, fresh);
    return fresh;
  }

  /** What was measured of this model holds no more. */
  forgetPace(model: string): void {
    this.#paces.delete(model);
  }

  /** Counts an answer that broke its form, or a refused good form; after too many the worker gets plain jobs only. */
  leftForm(model: string, now: number): void {
    const { breaksInRow, lost, noneUntil } = this.#forms.get(model) ?? { breaksInRow: 0, lost: 0, noneUntil: now };
    const tooOften = breaksInRow + 1 >= FORM_BREAKS_MAX;
    const ms = Math.min(NO_FORMS_MAX_MS, NO_FORMS_MS * 2 ** lost);
    this.#forms.set(
      model,
      tooOften
        ? { breaksInRow: 0, lost: lost + 1, noneUntil: now + ms }
        : { breaksInRow: breaksInRow + 1, lost, noneUntil },
    );
  }

  keptForm(model: string): void {
    this.#forms.delete(model);
  }

  /** Whether answers in a form may be asked of this model on this worker. */
  keepsForms(model: string, now: number): boolean {
    return now >= (this.#forms.get(model)?.noneUntil ?? now);
  }

  answered(now: number): void {
    this.completed++;
    this.#reputation.add("good", now);
    this.failedInRow = 0;
    this.#refusedInRow = 0;
  }

  /** Counts a lease that ended without an answer by the worker's fault. Returns the pause that follows, if any. */
  faulted(end: string, now: number): Pause | null {
    this.failed++;
    this.#reputation.add("bad", now);
    // The event is dated by its first lease, so that constant failing is many events, not one long one.
    if (now - this.#lastEventAt < ONE_EVENT_MS) return null;
    this.#lastEventAt = now;
    this.failedInRow++;
    if (this.completed > 0 && this.failedInRow <= FAILURES_FORGIVEN) return null;
    return this.#pause(`${this.failedInRow} leases in a row ended without an answer, the last: ${end}`, now);
  }

  /** Counts a lease refused despite free room, or not started in time; too many in a row count as a failure. */
  refused(end: string, now: number): Pause | null {
    this.#refusedInRow++;
    if (this.#refusedInRow <= REFUSALS_FORGIVEN) return null;
    this.failedInRow++;
    return this.#pause(`${this.#refusedInRow} leases in a row were refused or not begun, the last: ${end}`, now);
  }

  #pause(reason: string, now: number): Pause {
    const ms = Math.min(PAUSE_MAX_MS, PAUSE_MS * 2 ** (this.failedInRow - 1));
    this.pauses++;
    this.pausedUntil = now + ms;
    this.pauseReason = reason.slice(0, 300);
    return { ms, reason: this.pauseReason };
  }

  /** What is left of the pause, ms; 0 when there is none. */
  pausedForMs(now: number): number {
    return Math.max(0, (this.pausedUntil ?? now) - now);
  }
}
