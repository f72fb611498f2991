/** The context of code that submits jobs to the pool. */
import type { PoolContext } from "../pool/context.ts";
import type { JobQueue } from "./job-queue.ts";

export interface JobContext extends PoolContext {
  /** Live jobs: the queue, and whoever listens. */
  readonly queue: JobQueue;
}
