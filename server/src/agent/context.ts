/** The agent's layer. Model calls are passed in as a function, so it depends on the pool and not on the jobs. */
import type { ChangeFeed } from "../changes/change-feed.ts";
import type { PoolContext } from "../pool/context.ts";

export interface AgentContext extends PoolContext {
  /** Emits hints to owners that something of theirs changed. */
  readonly changes: ChangeFeed;
}
