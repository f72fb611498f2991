/**
 * The top rung, for threads and routes. Below it are `base.ts`, `pool/context.ts`, `jobs/context.ts`,
 * `agent/context.ts` and `gateway/context.ts`; each part takes the lowest rung that has what it uses, or a pick of it,
 * and `create-context.ts` builds them upwards.
 */
import type { AgentContext } from "./agent/context.ts";
import type { RunManager } from "./agent/run-manager.ts";
import type { EarningsContext } from "./earnings/context.ts";
import type { GatewayContext } from "./gateway/context.ts";
import type { StarsContext } from "./stars/context.ts";
import type { OpenStreams } from "./sessions/open-streams.ts";

export interface AppContext extends AgentContext, GatewayContext, StarsContext, EarningsContext {
  /** Live runs. */
  readonly runs: RunManager;
  /** Streams opened under a session, to be ended with it. */
  readonly streams: OpenStreams;
}
