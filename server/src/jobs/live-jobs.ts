/** Every job that has not ended, by id and by key. */
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";
import type { WaitingJob } from "../scheduler/snapshot.ts";

export class LiveJobs {
  readonly #byId = new Map<string, LiveJob>();
  readonly #byKey = new Map<string, LiveJob>();

  get size(): number {
    return this.#byId.size;
  }

  add(job: LiveJob): void {
    this.#byId.set(job.facts.id, job);
    this.#byKey.set(job.facts.key, job);
  }

  remove(job: LiveJob): void {
    this.#byId.delete(job.facts.id);
    this.#byKey.delete(job.facts.key);
  }

  byId(id: string): LiveJob | undefined {
    return this.#byId.get(id);
  }

  byKey(key: string): LiveJob | undefined {
    return this.#byKey.get(key);
  }

  all(): LiveJob[] {
    return [...this.#byId.values()];
  }

  /** Active leases, with their jobs. */
  leases(): { job: LiveJob; lease: LiveLease }[] {
    return this.all().flatMap((job) =>
      job.phase.kind === "leased" && !job.phase.lease.over ? [{ job, lease: job.phase.lease }] : [],
    );
  }

  waiting(): WaitingJob[] {
    return this.all()
      .map((job) => job.waiting())
      .filter((job) => job !== null);
  }

  /** Jobs waiting, by model id. */
  waitingByModel(): Map<string, number> {
    const waiting = new Map<string, number>();
    for (const { phase, facts } of this.#byId.values())
      if (phase.kind === "waiting") waiting.set(facts.model.id, (waiting.get(facts.model.id) ?? 0) + 1);
    return waiting;
  }

  /** Jobs waiting, and jobs this owner has. */
  load(owner: string): { waiting: number; held: number } {
    const jobs = this.all();
    return {
      waiting: jobs.filter((job) => job.phase.kind === "waiting").length,
      held: jobs.filter((job) => job.facts.owner === owner).length,
    };
  }
}
