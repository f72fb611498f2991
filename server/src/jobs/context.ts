/** The rung of whoever asks the pool for model calls. */
import type { PoolContext } from "../pool/context.ts";
import type { JobQueue } from "./job-queue.ts";

export interface JobContext extends PoolContext {
  /** Live jobs: the queue, and whoever listens. */
  readonly queue: JobQueue;
}
