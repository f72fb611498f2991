/** The tools an agent has, the most useful first: a small model is offered only so many. */
import { z } from "zod";
import type { Base } from "../../base.ts";
import type { Config } from "../../config.ts";
import type { WorkerRegistry } from "../../pool/worker-registry.ts";
import type { OfferedTool } from "../step-format.ts";
import type { AgentTool } from "./agent-tool.ts";
import { calculator } from "./calculator/calculator.ts";
import { convertUnits } from "./units/convert-units.ts";
import { currentTime } from "./time/current-time.ts";
import { dates } from "./time/dates.ts";
import { poolStatus } from "./pool/pool-status.ts";
import { readWebPage } from "./web/read-web-page.ts";

/** The parts of the server that tools use. */
export type ToolParts = Pick<Base, "clock" | "log"> & {
  registry: Pick<WorkerRegistry, "status">;
  config: Pick<Config, "webReader">;
};

export function agentTools(parts: ToolParts, toolsMax: number): AgentTool[] {
  const onFault = (error: unknown) => parts.log.error({ err: error }, "a tool failed through our own fault");
  const tools = [
    calculator(parts.clock, onFault),
    convertUnits(parts.clock, onFault),
    currentTime(parts.clock, onFault),
    dates(parts.clock, onFault),
    ...(parts.config.webReader ? [readWebPage(onFault)] : []),
    poolStatus(() => parts.registry.status(), onFault),
  ];
  return tools.slice(0, toolsMax);
}

/** The same tool as a step's schema and the system text show it. */
export function offered(tool: AgentTool): OfferedTool {
  const { $schema: _dialect, ...args } = z.toJSONSchema(tool.schema as z.ZodType);
  return { name: tool.name, description: tool.description, args };
}
