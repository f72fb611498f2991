/**
 * The live runs of this server: launch, follow, stop, and take up again after a restart.
 *
 * The database knows which runs are running and which steps are done; this desk holds only what is live. So it can be
 * lost at any moment: the next one reads the rows and goes on after the last stored step, whose job goes on after its
 * last committed token.
 */
import type { AppContext } from "../context.ts";
import type { RunEvent } from "@starai/protocol/runs";
import { submitJob } from "../jobs/submit-job.ts";
import { launchInTurn } from "../threads/run-order.ts";
import { tellRun } from "../threads/tell-run.ts";
import { LiveRun } from "./live-run.ts";
import { finishRun, loadRun, runningRuns, type RunEnd, type StoredRun } from "./run-store.ts";
import { DELETED, agentSetup, failure, newLife, workRun, type SubmitJob } from "./work-run.ts";

/** Runs worked at once: each is a few messages and listeners; the pool's queue is the real limit. */
const WORKING_MAX = 500;
/** A run that takes longer has lost its person: two job deadlines and some. */
const RUN_DEADLINE_MS = 20 * 60_000;

/** Ends that gave a person what they asked for. */
const SERVED: ReadonlySet<string> = new Set(["answered", "asked"]);

export class RunDesk {
  readonly #ctx: AppContext;
  readonly #submit: SubmitJob;
  readonly #live = new Map<string, LiveRun>();
  readonly #working = new Set<Promise<void>>();
  readonly #launches = new Map<string, "once" | "again">();
  #closing = false;

  constructor(ctx: AppContext, submit: SubmitJob = (input) => submitJob(ctx, input)) {
    this.#ctx = ctx;
    this.#submit = submit;
  }

  /** Starts or resumes a `running` run; a run that is live or has ended is left alone. Returns at once. */
  launch(runId: string): void {
    if (this.#closing) return;
    // One launch of a run at a time, from reading its row to its end. A launch that comes meanwhile looks at the row
    // once more afterwards: the run may have ended and been continued.
    if (this.#launches.has(runId)) return void this.#launches.set(runId, "again");
    this.#launches.set(runId, "once");
    const work = this.#launch(runId)
      .catch((error: unknown) =>
        this.#ctx.log.error(
          { err: error, run: runId },
          "a run could not be written to its end; the next start resumes it",
        ),
      )
      .finally(() => {
        this.#working.delete(work);
        const again = this.#launches.get(runId) === "again";
        this.#launches.delete(runId);
        if (again) this.launch(runId);
      });
    this.#working.add(work);
  }

  /** Events from a snapshot on, or after `lastEventId` while that is remembered. Ends after `end`. */
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
      yield { id: "ended.1", event: { type: "end", outcome: snapshot.outcome, answer: snapshot.answer } };
  }

  /** Stops a run as its person wishes: what is written stays. False when it had ended. */
  async cancel(runId: string): Promise<boolean> {
    const live = this.#live.get(runId);
    if (live?.launched === true) {
      live.stop("person");
      await live.job?.cancel("stopped by the person");
      return true;
    }
    const end: RunEnd = { outcome: { kind: "stopped" }, answer: "", lastStep: null };
    const ended = await finishRun(this.#ctx, runId, end);
    if (ended === null) return false;
    this.#tellEnd(runId, live, end);
    tellRun(this.#ctx, ended.personId, { run: runId, thread: ended.thread });
    return true;
  }

  /** Its rows are gone: it stops, and its readers are told so. */
  async forget(runId: string): Promise<void> {
    const live = this.#live.get(runId);
    if (live?.launched !== true) return this.#tellEnd(runId, live, DELETED);
    live.stop("deleted");
    await live.job?.cancel("its conversation was deleted").catch(() => undefined);
  }

  /** At boot: every run the last life of the server left goes on. Offers the pool what all runs begin with. */
  async resumeInterrupted(): Promise<number> {
    for (const model of this.#ctx.catalogue.values())
      this.#ctx.registry.setWarmPrefix(model.id, agentSetup(this.#ctx, model).prefix);
    const waiting = await runningRuns(this.#ctx);
    for (const id of waiting) launchInTurn(this.#ctx, id);
    return waiting.length;
  }

  /** Lets runs end for up to `drainMs`, then leaves them as they are: their rows say `running`. */
  async shutdown(drainMs = 0): Promise<void> {
    this.#closing = true;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, drainMs)));
    await Promise.race([Promise.all(this.#working), patience]);
    clearTimeout(timer);
    for (const live of this.#live.values()) {
      live.stop("shutdown");
      live.closeLog();
    }
    await Promise.all(this.#working);
    this.#live.clear();
  }

  async #launch(runId: string): Promise<void> {
    const run = await loadRun(this.#ctx, runId);
    if (run === null || run.snapshot.status !== "running") return;
    // A reader may have come meanwhile.
    const live = this.#live.get(runId) ?? new LiveRun(run.snapshot, newLife());
    if (this.#closing) return;
    live.launched = true;
    this.#live.set(runId, live);
    const end = this.#working.size > WORKING_MAX ? tooMany(run) : await this.#work(run, live);
    if (end === null) return;
    const ended = await finishRun(this.#ctx, runId, end);
    if (ended && SERVED.has(end.outcome.kind)) this.#ctx.registry.countAnswer();
    this.#tellEnd(runId, live, end);
    if (ended) tellRun(this.#ctx, ended.personId, { run: runId, thread: ended.thread });
  }

  async #work(run: StoredRun, live: LiveRun): Promise<RunEnd | null> {
    const deadline = setTimeout(() => {
      live.stop("deadline");
      void live.job?.cancel("the run took too long").catch(() => undefined);
    }, RUN_DEADLINE_MS);
    try {
      return await workRun(this.#ctx, this.#submit, { run, live });
    } finally {
      clearTimeout(deadline);
    }
  }

  #tellEnd(runId: string, live: LiveRun | undefined, { outcome, answer }: RunEnd): void {
    live?.tell({ type: "end", outcome, answer });
    this.#live.delete(runId);
  }

  /** A run nobody has launched here: one that waits its turn gets a place for readers, an ended one its record. */
  async #open(runId: string): Promise<LiveRun | StoredRun | null> {
    const run = await loadRun(this.#ctx, runId);
    const meanwhile = this.#live.get(runId);
    if (meanwhile !== undefined) return meanwhile;
    if (run === null || run.snapshot.status !== "running" || this.#closing) return run;
    const live = new LiveRun(run.snapshot, newLife());
    this.#live.set(runId, live);
    // A quick run may have been launched and ended while its row was read; whoever launches from here on uses `live`.
    const again = await loadRun(this.#ctx, runId);
    if (live.launched || again?.snapshot.status === "running") return live;
    this.#live.delete(runId);
    return again;
  }
}

function tooMany(run: StoredRun): RunEnd {
  return { outcome: failure("queue_full", run.language), answer: "", lastStep: null };
}
