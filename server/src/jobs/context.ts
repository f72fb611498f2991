/** The context of code that submits jobs to the pool. */
import type { PoolContext } from "../pool/context.ts";
import type { JobQueue } from "./job-queue.ts";

export interface JobContext extends PoolContext {
  /** The live jobs: waiting and leased ones, and their listeners. */
  readonly queue: JobQueue;
}
