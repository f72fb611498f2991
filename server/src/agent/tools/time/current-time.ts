import { z } from "zod";
import { agentTool } from "../agent-tool.ts";
import { understand } from "../understand.ts";

export const currentTime = (clock: () => number, onFault: (error: unknown) => void) =>
  agentTool({
    name: "current_time",
    description:
      '{"query"} the clock now in a city or zone: "Berlin"; or a clock time in another: "8 pm Rome to Seoul"',
    schema: z.strictObject({ query: z.string().min(1).max(80) }),
    run: ({ query }) => understand(query, "clock", clock()),
    onFault,
  });
