/**
 * The live runs of this server: launch, follow, stop, and resume after a restart.
 *
 * The database knows which runs are running and which steps are done; a RunManager holds only live state. So it can be
 * lost at any moment: the next one reads the rows and resumes each run after its last stored step, and that step's job
 * after its last committed token.
 */
import type { AgentContext } from "./context.ts";
import type { RunBill } from "@starai/protocol/receipts";
import type { RunEvent, RunPhase } from "@starai/protocol/runs";
import { Refusal } from "../errors.ts";
import { endRun } from "./end-run.ts";
import { LiveRun } from "./live-run.ts";
import type { StopReason } from "./live-run.ts";
import { runsInTurn } from "./run-order.ts";
import { RunPlaces } from "./run-places.ts";
import { finishRun, loadRun } from "./run-store.ts";
import type { RunEnd, RunOwner, StoredRun } from "./run-store.ts";
import { emitRun } from "./emit-run.ts";
import { ThreadTitles } from "./thread-titles.ts";
import { DELETED, agentSetup, newLife, workRun } from "./work-run.ts";
import type { SubmitJob } from "./work-run.ts";

/** Runs worked at once: each is a few messages and listeners; the pool's queue is the real limit. */
const WORKING_MAX = 500;
/** A run without live work is found this soon: a person may still be waiting, and one indexed query costs nothing. */
const SWEEP_MS = 20_000;
/** Timeout of a Stop request; a run at work ends within a second of it. */
const STOP_MS = 5_000;
/** A bill is opened and a job submitted by a few queries; what takes longer than this does not keep a run from ending. */
const STARTED_MS = 2_000;
/** Nobody is waiting any more after this: a little over two job deadlines. */
const RUN_DEADLINE_MS = 20 * 60_000;

/** Outcomes that count as served. */
const SERVED: ReadonlySet<string> = new Set(["answered", "asked"]);

export class RunManager {
  readonly #ctx: AgentContext;
  readonly #submit: SubmitJob;
  readonly #live = new Map<string, LiveRun>();
  readonly #launches = new Map<string, Launch>();
  readonly #places: RunPlaces;
  /** Titles being generated. */
  readonly #titles: ThreadTitles;
  readonly #stopping = new AbortController();
  #sweeps: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(ctx: AgentContext, submit: SubmitJob) {
    this.#ctx = ctx;
    this.#submit = submit;
    this.#titles = new ThreadTitles(ctx, submit);
    // One person's limit is the pool's limit per owner, so that none of their steps is refused.
    this.#places = new RunPlaces({ inAll: WORKING_MAX, ofOnePerson: ctx.config.limits.jobsPerOwnerMax });
  }

  /** Starts or resumes a `running` run; a run that is live or has ended is left alone. Returns at once. */
  launch(runId: string): void {
    if (this.#closing) return;
    // One launch of a run at a time, from reading its row to its end. A launch that comes meanwhile looks at the row
    // once more afterwards: the run may have ended and been continued.
    const known = this.#launches.get(runId);
    if (known !== undefined) return void (known.again = true);
    const launch: Launch = {
      again: false,
      over: this.#launch(runId).catch((error: unknown) => this.#left(runId, error)),
    };
    this.#launches.set(runId, launch);
    void launch.over.finally(() => {
      this.#launches.delete(runId);
      if (launch.again) this.launch(runId);
    });
  }

  /** Launches a thread's run whose turn it is, if it is not live already. Returns at once; idempotent. */
  launchInTurn(thread: string): void {
    runsInTurn(this.#ctx, thread)
      .then((turns) => turns.forEach((run) => this.launch(run)))
      .catch((error: unknown) =>
        this.#ctx.log.warn({ err: error, thread }, "a run was not launched yet; the next sweep does it"),
      );
  }

  /** Yields a snapshot and later events, or the events after `lastEventId` if still remembered. Returns after `end`. */
  async *events(runId: string, lastEventId?: string): AsyncIterableIterator<{ id: string; event: RunEvent }> {
    const live = this.#live.get(runId) ?? (await this.#open(runId));
    if (live === null) return;
    if (live instanceof LiveRun) {
      try {
        yield* live.events(lastEventId);
      } finally {
        if (!live.launched && live.readers === 0) this.#live.delete(runId);
      }
      return;
    }
    const { snapshot } = live;
    yield { id: "ended.0", event: { type: "snapshot", run: snapshot } };
    if (snapshot.outcome !== null)
      yield {
        id: "ended.1",
        event: { type: "end", outcome: snapshot.outcome, answer: snapshot.answer, bill: snapshot.bill },
      };
  }

  /**
   * Stops a run at its person's request; the text written so far stays. Returns false if the run had already ended.
   * @throws when its end cannot be written now: the run is unchanged, or ends as stopped a little later
   */
  async cancel(runId: string): Promise<boolean> {
    const live = this.#live.get(runId);
    if (live?.launched === true) {
      void stopWork(live, "person");
      await withinStopTimeout(this.#launches.get(runId)?.over ?? Promise.resolve());
      if (live.snapshot.status === "stopped") return true;
    }
    // Not at work here, or its work does not end in time: the row decides.
    const end: RunEnd = { outcome: { kind: "stopped" }, answer: live?.snapshot.answer ?? "", lastStep: null };
    const owner = await withinStopTimeout(finishRun(this.#ctx, runId, end));
    if (owner === LATE)
      throw new Refusal("interrupted", "This could not be stopped yet; try again.", { retryAfterS: 5 });
    if (owner === null) return false;
    this.#places.leave(runId);
    const launched = this.#live.get(runId);
    if (launched !== undefined) void stopWork(launched, "person");
    this.#ended(runId, launched, { end, owner });
    return true;
  }

  /** Stops a run whose rows were deleted and sends its readers the end. */
  async forget(runId: string): Promise<void> {
    this.#places.leave(runId);
    const live = this.#live.get(runId);
    if (live?.launched !== true) return this.#emitEnd(runId, live, DELETED);
    await stopWork(live, "deleted");
    // Its bill is closed then, and what was held for it is free.
    await withinStopTimeout(this.#launches.get(runId)?.over ?? Promise.resolve());
  }

  /** At boot: resumes every run left by the last process and registers the shared prefix for prefilling by the pool. */
  async resumeInterrupted(): Promise<number> {
    for (const model of this.#ctx.catalogue.values())
      this.#ctx.registry.setWarmPrefix(model.id, agentSetup(this.#ctx, model).prefix);
    const sweep = () =>
      this.sweep().catch((error: unknown) => this.#ctx.log.warn({ err: error }, "runs could not be looked for"));
    this.#sweeps = setInterval(() => void sweep(), SWEEP_MS);
    return await this.sweep();
  }

  /** Launches every run whose turn it is and that has no live work: the fallback for lost launches. */
  async sweep(): Promise<number> {
    const idle = (await runsInTurn(this.#ctx)).filter((id) => !this.#launches.has(id));
    for (const id of idle) this.launch(id);
    return idle.length;
  }

  /** Waits up to `drainMs` for runs to end, then abandons the others; their rows stay `running`. */
  async shutdown(drainMs = 0): Promise<void> {
    this.#closing = true;
    clearInterval(this.#sweeps);
    this.#places.leaveAll();
    const overs = [...this.#launches.values()].map(({ over }) => over);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, drainMs)));
    await Promise.race([Promise.all(overs), patience]);
    clearTimeout(timer);
    this.#stopping.abort();
    for (const live of this.#live.values()) {
      live.stop("shutdown");
      live.closeLog();
    }
    await Promise.all(overs);
    await withinStopTimeout(this.#titles.shutdown());
    this.#live.clear();
  }

  async #launch(runId: string): Promise<void> {
    const found = await loadRun(this.#ctx, runId);
    if (!isRunning(found)) return;
    const { personId } = found;
    this.#titles.giveWay(found);
    const turn = this.#places.take(runId, personId, (position) => this.#emitPlace(runId, position));
    if (turn !== null && !(await turn)) return;
    try {
      // It may have been stopped or deleted while it waited.
      const run = turn === null ? found : await loadRun(this.#ctx, runId);
      if (isRunning(run) && !this.#closing) await this.#workToEnd(runId, run);
    } finally {
      this.#places.free(personId);
    }
  }

  async #workToEnd(runId: string, run: StoredRun): Promise<void> {
    // A reader may have created it meanwhile.
    const live = this.#live.get(runId) ?? new LiveRun(run.snapshot, newLife());
    live.begin(run.snapshot.steps);
    this.#ctx.events.runStarted({ run: runId, thread: run.snapshot.thread, model: run.model });
    this.#live.set(runId, live);
    const end = await this.#work(run, live);
    if (end === null) return void (live.launched = false);
    // What its last job delivered belongs to the bill, which is closed with the run.
    if (end.outcome.kind === "stopped" || end.outcome.kind === "failed") await jobEnded(live);
    const ended = await endRun(this.#ctx, run, { end, signal: this.#stopping.signal });
    if (ended.owner !== null && SERVED.has(ended.end.outcome.kind)) this.#ctx.registry.countAnswer();
    if (ended.owner !== null && ended.end.outcome.kind === "answered") this.#titles.offer(run);
    this.#ended(runId, live, ended);
  }

  #left(runId: string, err: unknown): void {
    this.#ctx.log.error({ err, run: runId }, "a run was left before its end; the next sweep or start resumes it");
    const live = this.#live.get(runId);
    if (live !== undefined) live.launched = false;
  }

  async #work(run: StoredRun, live: LiveRun): Promise<RunEnd | null> {
    const deadline = setTimeout(() => void stopWork(live, "deadline"), RUN_DEADLINE_MS);
    try {
      return await workRun(this.#ctx, this.#submit, { run, live });
    } finally {
      clearTimeout(deadline);
    }
  }

  #ended(runId: string, live: LiveRun | undefined, { end, owner }: { end: RunEnd; owner: RunOwner | null }): void {
    this.#emitEnd(runId, live, end, owner?.bill);
    if (owner === null) return;
    if (owner.isLow) this.#ctx.changes.emit("bot", { type: "notices" });
    const { outcome } = end;
    const code = outcome.kind === "failed" ? outcome.code : null;
    this.#ctx.events.runEnded({ run: runId, outcome: outcome.kind, code });
    emitRun(this.#ctx, owner.personId, { run: runId, thread: owner.thread });
    if (!this.#closing) this.launchInTurn(owner.thread);
  }

  #emitPlace(runId: string, position: number): void {
    this.#live.get(runId)?.emit({ type: "phase", phase: queued(position) });
  }

  #emitEnd(runId: string, live: LiveRun | undefined, { outcome, answer }: RunEnd, bill: RunBill | null = null): void {
    live?.emit({ type: "end", outcome, answer, bill });
    this.#live.delete(runId);
  }

  /** A run not launched here. While `running`: a new LiveRun that readers can follow; once ended: the stored run. */
  async #open(runId: string): Promise<LiveRun | StoredRun | null> {
    const run = await loadRun(this.#ctx, runId);
    const meanwhile = this.#live.get(runId);
    if (meanwhile !== undefined) return meanwhile;
    if (run === null || run.snapshot.status !== "running" || this.#closing) return run;
    const live = new LiveRun(run.snapshot, newLife());
    const position = this.#places.position(runId);
    if (position !== null) live.emit({ type: "phase", phase: queued(position) });
    this.#live.set(runId, live);
    // A quick run may have been launched and ended while its row was read; every launch from here on uses `live`.
    const again = await loadRun(this.#ctx, runId);
    if (live.launched || again?.snapshot.status === "running") return live;
    this.#live.delete(runId);
    return again;
  }
}

interface Launch {
  /** A second launch arrived during this one. */
  again: boolean;
  /** Never rejects. */
  over: Promise<void>;
}

/** Stops the run's work at once; resolves when its job has ended too. */
async function stopWork(live: LiveRun, reason: StopReason): Promise<void> {
  live.stop(reason);
  // A job that cannot be cancelled must not keep its run from ending.
  await live.job?.cancel(`the run is stopped: ${reason}`).catch(() => undefined);
}

async function jobEnded(live: LiveRun): Promise<void> {
  const known = live.job;
  await within(STARTED_MS, live.starting);
  const { job, stopped } = live;
  // A run that was stopped has cancelled its job already, but none that was being submitted then.
  if (stopped === null || job !== known) await job?.cancel("its run has ended").catch(() => undefined);
  await job?.result().catch(() => undefined);
}

function isRunning(run: StoredRun | null): run is StoredRun {
  return run?.snapshot.status === "running";
}

function queued(position: number): RunPhase {
  return { kind: "queued", position, etaMs: null };
}

const LATE = Symbol("late");

function withinStopTimeout<Value>(work: Promise<Value>): Promise<Value | typeof LATE> {
  return within(STOP_MS, work);
}

async function within<Value>(ms: number, work: Promise<Value>): Promise<Value | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => (timer = setTimeout(resolve, ms, LATE)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
