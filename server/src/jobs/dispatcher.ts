/** Leases waiting jobs to workers as the scheduler decides, and reports their place to those that keep waiting. */
import { guarded } from "@starai/protocol/guarded";
import type { PoolContext } from "../pool/context.ts";
import { serviceLevel } from "@starai/protocol/service-level";
import { decide } from "../scheduler/decide.ts";
import type { Assignment, Snapshot } from "../scheduler/decide.ts";
import { forecast } from "../scheduler/forecast.ts";
import type { Forecast } from "../scheduler/forecast.ts";
import { coldTokens, prefillMs, slowdown } from "../scheduler/predict.ts";
import { servedModel } from "../scheduler/snapshot.ts";
import type { JobEnds } from "./job-ends.ts";
import { leaseRow } from "./job-rows.ts";
import type { MachineRow } from "./job-rows.ts";
import { leaseFrame } from "./lease-frame.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveJobs } from "./live-jobs.ts";
import { LiveLease } from "./live-lease.ts";

/** A waiting time is reported again when it changed by more than this. */
const ETA_STEP_MS = 1_000;
/** Owners whose last turn is remembered: more than ever wait at once. */
const OWNERS_MAX = 1_000;

interface DispatcherParts {
  readonly ctx: PoolContext;
  readonly jobs: LiveJobs;
  readonly ends: JobEnds;
}

export class Dispatcher {
  readonly #parts: DispatcherParts;
  /** When owners were last given a lease, the longest ago first. */
  readonly #servedAt = new Map<string, number>();
  #due = false;
  #stopped = false;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** Schedules one decision for the end of this event-loop turn, however often it is called. */
  dispatch(): void {
    if (this.#due || this.#stopped) return;
    this.#due = true;
    const { ctx } = this.#parts;
    const decideNow = () => {
      this.#due = false;
      // No lease can be written; the next tick retries.
      if (this.#stopped || ctx.health.database === "away") return;
      const seed = Math.floor(ctx.random() * 2 ** 32);
      for (const assignment of decide(this.#snapshot(), seed)) this.#grant(assignment);
      this.#updatePlaces();
    };
    setImmediate(guarded(ctx.log, "a decision about who works", decideNow));
  }

  stop(): void {
    this.#stopped = true;
  }

  #snapshot(): Snapshot {
    const { ctx, jobs } = this.#parts;
    const [waiting, workers] = [jobs.waiting(), ctx.registry.views()];
    return { now: ctx.monotonic(), waiting, workers, servedAt: this.#servedAt };
  }

  #updatePlaces(): void {
    for (const [id, place] of forecast(this.#snapshot())) {
      const job = this.#parts.jobs.byId(id);
      if (!job || (job.place && isSame(job.place, place))) continue;
      job.place = place;
      job.touch();
    }
  }

  #grant({ job: id, worker: workerId, endsAt }: Assignment): void {
    const { ctx, jobs } = this.#parts;
    const job = jobs.byId(id);
    const worker = ctx.registry.get(workerId);
    const waiting = job?.waiting();
    if (!job || !worker || !waiting) return;
    const view = ctx.registry.viewOf(worker);
    const running = { job: id, model: waiting.model, owner: waiting.owner, endsAt };
    const lease = new LiveLease({
      running,
      fence: ++job.fence,
      worker,
      members: ctx.registry.membersOf(worker.id, waiting.model),
      predictedPrefillMs: prefillMs(waiting, view, servedModel(view, waiting)!),
      promptTokens: coldTokens(waiting, view),
      readTokens: job.facts.promptTokens + job.completionTokens,
      level: serviceLevel(job.facts.model),
      slowdown: slowdown(view.running.length),
      now: ctx.monotonic(),
    });
    job.phase = { kind: "leased", lease };
    worker.take(running);
    ctx.registry.skipped.gave(worker.id, waiting);
    if (waiting.isPaid) this.#gavePaid(lease);
    this.#remember(waiting.owner);
    void this.#openLease(job, lease);
  }

  async #openLease(job: LiveJob, lease: LiveLease): Promise<void> {
    const { ctx, ends } = this.#parts;
    try {
      const ours = await leaseRow(ctx, lease, this.#machinesOf(lease));
      if (lease.over) return;
      if (!ours) return ends.abandon(job);
      job.attempts++;
      lease.begin(ctx.monotonic());
      const { model, request, promptTokens } = job.facts;
      const prompt = { model: model.id, turns: request.turns, tokens: promptTokens };
      job.cachedTokens = lease.worker?.sendsPrompt(job.facts.id, prompt) ?? 0;
      lease.send(leaseFrame(job, lease));
      job.touch();
      const waitMs = ctx.monotonic() - job.facts.submittedAt;
      ctx.events.leaseGranted(job.facts, lease, { first: job.attempts === 1, waitMs });
    } catch (error) {
      if (!ctx.health.noticed(error))
        ctx.log.error({ err: error, job: lease.job }, "a lease could not be written; the job waits");
      ends.lose(job, lease, { end: "lease_not_written", blame: "none" });
    }
  }

  /** Whose rows are needed. One that has just left is stored all the same, and says its version when it is back. */
  #machinesOf({ members, workerId, workerName, workerVersion }: LiveLease): MachineRow[] {
    const { registry } = this.#parts.ctx;
    if (members === null) return [{ id: workerId, name: workerName, version: workerVersion }];
    return members.map(({ worker, name }) => {
      return { id: worker, name, version: registry.get(worker)?.facts.version ?? "" };
    });
  }

  /** Of a group each machine has had one more, as if it had it alone. */
  #gavePaid({ machines }: LiveLease): void {
    const { registry, monotonic } = this.#parts.ctx;
    for (const machine of machines) {
      const connected = registry.get(machine);
      if (connected) registry.owners.gavePaid(machine, connected.record, monotonic());
    }
  }

  #remember(owner: string): void {
    this.#servedAt.delete(owner);
    this.#servedAt.set(owner, this.#parts.ctx.monotonic());
    if (this.#servedAt.size > OWNERS_MAX) this.#servedAt.delete(this.#servedAt.keys().next().value!);
  }
}

function isSame(one: Forecast, other: Forecast): boolean {
  if (one.position !== other.position || (one.etaMs === null) !== (other.etaMs === null)) return false;
  return Math.abs((one.etaMs ?? 0) - (other.etaMs ?? 0)) < ETA_STEP_MS;
}
