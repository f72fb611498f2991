/** The agent's rung. It is given its way to ask for model calls, so it stands on the pool and not on the jobs. */
import type { ChangeFeed } from "../changes/change-feed.ts";
import type { PoolContext } from "../pool/context.ts";

export interface AgentContext extends PoolContext {
  /** Who is told that something of theirs changed. */
  readonly changes: ChangeFeed;
}
