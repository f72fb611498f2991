import { z } from "zod";
import { agentTool } from "../agent-tool.ts";
import { understand } from "../understand.ts";

const Args = z.strictObject({ query: z.string().min(1).max(80) });

export const convertUnits = (clock: () => number, onFault: (error: unknown) => void) =>
  agentTool({
    name: "convert_units",
    description: '{"query"} units of measure: "5 miles to km", "70 F to C"',
    schema: Args,
    run: ({ query }) => understand(query, "conversion", clock()),
    onFault,
  });
