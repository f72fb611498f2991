import { z } from "zod";
import type { PoolStatus } from "@starai/protocol/pool-status";
import { agentTool } from "../agent-tool.ts";

/** More models than this are counted, not named: a weak model repeats the whole list. */
const MODELS_NAMED_MAX = 6;

export const poolStatus = (status: () => PoolStatus, onFault: (error: unknown) => void) =>
  agentTool({
    name: "pool_status",
    description: "{} the machines and models of StarAI that are online now",
    schema: z.strictObject({}),
    run: () => describe(status()),
    onFault,
  });

function describe({ workersOnline, queued, running, models }: PoolStatus): string {
  if (workersOnline === 0) return "no machine is online";
  const names = models.slice(0, MODELS_NAMED_MAX).map(({ name, workers }) => `${name} on ${workers}`);
  const rest = models.length > MODELS_NAMED_MAX ? ` and ${models.length - MODELS_NAMED_MAX} more` : "";
  return `machines online: ${workersOnline}; answers being written: ${running}; waiting: ${queued}; models: ${names.join(", ")}${rest}`;
}
