/**
 * The queue of jobs: holds every live job, accepts submissions and frames, and requeues jobs whose worker is lost; the
 * dispatcher grants leases.
 *
 * A job waits until the scheduler finds it a worker. Its lease then ends in one of four ways: the worker says done,
 * the caller cancels, the deadline passes, or the worker is lost (closed socket, silence, failure, a frame that
 * cannot be true); in the last case the job waits again at the front and continues after its last committed token.
 * Memory leads the database by one flush at most; the row, guarded by the fence, decides who may end a job.
 */
import { guarded } from "@starai/protocol/guarded";
import { CLOSE } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import { Refusal } from "../errors.ts";
import type { HeldLease, LeaseEvents, LeaseFrame, ResumedLease } from "../pool/lease-events.ts";
import type { ConnectedWorker } from "../pool/connected-worker.ts";
import { Places } from "./admission.ts";
import { FrameCommitter } from "./commit-frames.ts";
import { Dispatcher } from "./dispatcher.ts";
import { JobEnds } from "./job-ends.ts";
import type { Loss } from "./attempt-end.ts";
import { liveRows, modelsInUse, requeueOrphans, requeueRow, takeForgotten } from "./job-rows.ts";
import type { JobRow } from "./job-rows.ts";
import { JobStore } from "./job-store.ts";
import { tokensIn } from "./live-job.ts";
import type { LiveJob } from "./live-job.ts";
import { LiveJobs } from "./live-jobs.ts";
import { restoreJob } from "./restore-job.ts";
import { watchLeases } from "./watch-leases.ts";

const TICK_MS = 200;
/** Interval of writes: at most this much is lost and generated again when the server dies. */
const FLUSH_MS = 200;
/** Three renewals fit into a lease of 30 s. */
const RENEW_MS = 10_000;
/** A disconnected worker may reconnect and continue within this; a job must move within 2 s. */
const RETURN_MS = 1_000;
/** A tick this late means that the process was suspended. */
const STOOD_STILL_MS = 1_000;

export class JobQueue implements LeaseEvents {
  /** Admission to the queue. */
  readonly places: Places;
  readonly #ctx: PoolContext;
  readonly #jobs = new LiveJobs();
  readonly #store: JobStore;
  readonly #ends: JobEnds;
  readonly #committer: FrameCommitter;
  readonly #dispatcher: Dispatcher;
  readonly #timers: NodeJS.Timeout[] = [];
  /** Submissions in flight, by key, so that two with the same key create one job. */
  readonly #submitting = new Map<string, Promise<LiveJob>>();
  readonly #started: Promise<void>;
  #start: () => void = () => {};
  #closing = false;
  #lastTick = 0;

  constructor(ctx: PoolContext) {
    this.#ctx = ctx;
    this.#store = new JobStore(ctx);
    this.#ends = new JobEnds({
      ctx,
      store: this.#store,
      jobs: this.#jobs,
      dispatch: () => this.#dispatcher.dispatch(),
    });
    this.#dispatcher = new Dispatcher({ ctx, jobs: this.#jobs, ends: this.#ends });
    this.#committer = new FrameCommitter({ ctx, store: this.#store, ends: this.#ends });
    this.places = new Places({ load: (owner) => this.load(owner), limits: ctx.config.limits });
    ctx.registry.watchQueue(() => this.#jobs.waitingByModel());
    ctx.groups.watchLeases((worker, model, end) => this.#loseGroup(worker, model, end));
    this.#started = new Promise((resolve) => {
      this.#start = resolve;
    });
  }

  /** Resumes jobs that an earlier server left, and starts dispatching. */
  async start(): Promise<void> {
    const { log } = this.#ctx;
    await requeueOrphans(this.#ctx);
    // Their workers just lost the previous server and need a few seconds to reconnect.
    for (const model of await modelsInUse(this.#ctx)) this.#ctx.registry.servedBefore(model);
    for (const row of await liveRows(this.#ctx)) await this.#adopt(row);
    if (this.#jobs.size > 0) this.#ctx.log.info({ jobs: this.#jobs.size }, "going on with jobs of an earlier run");
    this.#lastTick = this.#ctx.monotonic();
    this.#timers.push(
      setInterval(
        guarded(log, "a look at the leases", () => this.#tick()),
        TICK_MS,
      ),
      setInterval(
        guarded(log, "storing what came", () => this.#store.flush()),
        FLUSH_MS,
      ),
      setInterval(
        guarded(log, "renewing the leases", () => this.#renew()),
        RENEW_MS,
      ),
    );
    this.#start();
    this.#dispatcher.dispatch();
  }

  /** Runs one submission of this key at a time, and none before the jobs of an earlier process are resumed. */
  async once(key: string, submit: () => Promise<LiveJob>): Promise<LiveJob> {
    if (this.#closing) {
      throw new Refusal("interrupted", "The server is restarting; ask again in a moment.", { retryAfterS: 5 });
    }
    const known = this.#submitting.get(key);
    if (known) return known;
    const submission = this.#started.then(submit).finally(() => this.#submitting.delete(key));
    this.#submitting.set(key, submission);
    return submission;
  }

  /** The live job of this key, if it has not ended. */
  find(key: string): LiveJob | undefined {
    return this.#jobs.byKey(key);
  }

  /** Loads a waiting job from its row when it is not live here, because the response to its submission was lost. */
  async takeUp(row: JobRow): Promise<void> {
    await this.#adopt(row);
    this.#dispatcher.dispatch();
  }

  /** Jobs waiting, and jobs this owner has. */
  load(owner: string): { waiting: number; held: number } {
    return this.#jobs.load(owner);
  }

  /** Puts a job whose row is written into the queue. */
  enqueue(job: LiveJob): void {
    this.#jobs.add(job);
    this.#ctx.events.jobQueued(job.facts);
    this.#dispatcher.dispatch();
  }

  /** Cancels the job for its caller; its worker is told to stop. */
  cancel(job: LiveJob, reason: string, code: "cancelled" | "output_invalid" = "cancelled"): Promise<void> {
    return this.#ends.fail(job, code, reason);
  }

  accept(worker: ConnectedWorker, frame: LeaseFrame): void {
    const job = this.#jobs.byId(frame.job);
    const lease = job?.phase.kind === "leased" ? job.phase.lease : null;
    // A lease that is still being written is not granted yet, though an earlier worker of the job can guess its fence.
    if (!job || !lease?.granted || lease.over || lease.fence !== frame.fence || lease.worker !== worker) {
      return drop(worker, frame, "this lease is over");
    }
    const now = this.#ctx.monotonic();
    if (frame.type === "progress") return lease.progressed(frame.done, now);
    if (frame.type !== "fail" && frame.seq !== lease.nextSeq) {
      const reason = `frame ${frame.seq} came where ${lease.nextSeq} was expected`;
      drop(worker, frame, reason);
      return this.#ends.lose(job, lease, { end: `out of order: ${reason}`, blame: "fault", isFalse: true });
    }
    lease.nextSeq++;
    if (frame.type === "tokens") lease.tokensCame(tokensIn(frame), now);
    this.#committer.take(job, lease, worker, frame);
  }

  workerJoined(worker: ConnectedWorker, holding: readonly HeldLease[]): ResumedLease[] {
    const resumed: ResumedLease[] = [];
    for (const { job, lease } of this.#jobs.leases()) {
      if (lease.workerId !== worker.id || lease.worker !== null) continue;
      const held = holding.find((one) => one.job === lease.job && one.fence === lease.fence);
      if (!held || held.nextSeq < lease.nextSeq) {
        this.#ends.lose(job, lease, { end: "connection_closed", blame: "fault" });
        continue;
      }
      lease.cameBack(worker, this.#ctx.monotonic());
      worker.take(lease.running);
      resumed.push({ job: lease.job, fence: lease.fence, fromSeq: lease.nextSeq });
    }
    this.#dispatcher.dispatch();
    return resumed;
  }

  workerLeft(worker: ConnectedWorker, { mayReturn, why }: { mayReturn: boolean; why: string }): void {
    if (this.#closing) return;
    for (const { job, lease } of this.#jobs.leases()) {
      if (lease.worker !== worker) continue;
      lease.worker = null;
      if (mayReturn && lease.mayReturn) lease.returnBy = this.#ctx.monotonic() + RETURN_MS;
      else this.#ends.lose(job, lease, { end: why, blame: "fault" });
    }
  }

  /** A group that served a model is over; its head may go on with others. */
  #loseGroup(worker: ConnectedWorker, model: string, end: string): void {
    if (this.#closing) return;
    for (const { job, lease } of this.#jobs.leases())
      if (lease.workerId === worker.id && lease.running.model === model)
        this.#ends.lose(job, lease, { end, blame: "fault" });
  }

  /** Stops leasing, stores everything, and releases every reader. The jobs resume at the next start. */
  async shutdown(): Promise<void> {
    this.#closing = true;
    this.#dispatcher.stop();
    this.#timers.forEach(clearInterval);
    const workers = this.#ctx.registry.connectedWorkers();
    for (const worker of workers) worker.sender.send({ type: "drain", reason: "the server is restarting" });
    for (const { job, lease } of this.#jobs.leases()) {
      lease.over = true;
      const stopped: Loss = { end: "server_stopped", blame: "none" };
      void this.#store.insist(() => requeueRow(this.#ctx, job, lease, stopped)).catch(() => {});
    }
    await this.#store.close();
    const message = "The server is restarting; the answer goes on afterwards.";
    for (const job of this.#jobs.all()) job.end({ kind: "failed", code: "interrupted", message });
    for (const worker of workers) worker.sender.close(CLOSE.drain, "the server is restarting");
  }

  async #adopt(row: JobRow): Promise<void> {
    if (this.#jobs.byId(row.id)) return;
    const model = this.#ctx.catalogue.get(row.model);
    if (!model)
      return this.#ctx.log.warn(
        { job: row.id, model: row.model },
        "a job's model left the catalogue; the job stays where it is",
      );
    const job = restoreJob(this.#ctx, row, model);
    this.#jobs.add(job);
    if (job.isWritten)
      await this.#ends.finish(
        job,
        { fence: job.fence, workerId: null, workerName: "", tokens: 0, timed: null },
        "length",
      );
  }

  #tick(): void {
    const now = this.#ctx.monotonic();
    const lateMs = now - this.#lastTick - TICK_MS;
    this.#lastTick = now;
    watchLeases({ ctx: this.#ctx, jobs: this.#jobs, ends: this.#ends }, now, lateMs > STOOD_STILL_MS ? lateMs : 0);
    if (this.#jobs.waiting().length > 0) this.#dispatcher.dispatch();
  }

  async #renew(): Promise<void> {
    const granted = this.#jobs.leases().filter(({ lease }) => lease.granted);
    const lost = await this.#store.renew(granted.map(({ lease }) => lease));
    for (const { job, lease } of granted) if (lost.includes(lease) && !lease.over) this.#ends.abandon(job);
    try {
      const except = this.#jobs.all().map((job) => job.facts.id);
      const models = [...this.#ctx.catalogue.keys()];
      for (const row of await takeForgotten(this.#ctx, { except, models })) await this.#adopt(row);
    } catch (error) {
      if (!this.#ctx.health.noticed(error))
        this.#ctx.log.warn({ err: error }, "forgotten jobs could not be looked for; trying again");
    }
  }
}

function drop(worker: ConnectedWorker, frame: LeaseFrame, reason: string): void {
  worker.sender.send({ type: "dropped", job: frame.job, fence: frame.fence, reason });
}
