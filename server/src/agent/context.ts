/** The agent's layer. Model calls are passed in as a function, so it depends on the pool and not on the jobs. */
import type { PoolContext } from "../pool/context.ts";

export type AgentContext = PoolContext;
