/** Writes committed tokens in batches, renews leases, and tracks writes in flight. */
import type { Base } from "../base.ts";
import { insist } from "../db/insist.ts";
import { renewLeases, storeCommitted } from "./job-rows.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";

type StoreParts = Pick<Base, "db" | "pg" | "log" | "health">;

export class JobStore {
  readonly #parts: StoreParts;
  readonly #dirty = new Set<LiveJob>();
  readonly #writes = new Set<Promise<unknown>>();
  #flushing: Promise<void> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  markDirty(job: LiveJob): void {
    this.#dirty.add(job);
  }

  /** Resolves when everything committed in memory is in the database; after a fault the next flush retries. */
  flush(): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flushOnce());
    return this.#flushing;
  }

  async #flushOnce(): Promise<void> {
    const jobs = [...this.#dirty].filter((job) => job.phase.kind !== "ended");
    this.#dirty.clear();
    if (jobs.length === 0) return;
    const acks = jobs.map((job) =>
      job.phase.kind === "leased" ? { lease: job.phase.lease, seq: job.phase.lease.committedSeq } : null,
    );
    try {
      await storeCommitted(this.#parts, jobs);
    } catch (error) {
      if (!this.#parts.health.noticed(error))
        this.#parts.log.error({ err: error, jobs: jobs.length }, "committed tokens could not be stored; trying again");
      for (const job of jobs) this.#dirty.add(job);
      return;
    }
    for (const ack of acks) {
      if (ack && !ack.lease.over)
        ack.lease.send({ type: "stored", job: ack.lease.job, fence: ack.lease.fence, seq: ack.seq });
    }
  }

  /** Renews these leases and returns the jobs that are no longer ours. */
  async renew(leases: readonly LiveLease[]): Promise<LiveLease[]> {
    if (leases.length === 0) return [];
    try {
      const ours = await renewLeases(this.#parts, leases);
      return leases.filter((lease) => !ours.has(lease.job));
    } catch (error) {
      if (!this.#parts.health.noticed(error))
        this.#parts.log.error({ err: error }, "leases could not be renewed; trying again");
      return [];
    }
  }

  /** Retries a write until it succeeds. @throws when it never can, or when the server stops first */
  async insist<Value>(write: () => Promise<Value>): Promise<Value> {
    const { signal } = this.#closing;
    const work = insist(write, { ctx: this.#parts, what: "a job's row", signal });
    this.#writes.add(work);
    try {
      return await work;
    } finally {
      this.#writes.delete(work);
    }
  }

  /** Stores everything and waits for writes in flight. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.flush();
    await Promise.allSettled(this.#writes);
  }
}
