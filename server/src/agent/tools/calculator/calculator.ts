import { z } from "zod";
import { agentTool } from "../agent-tool.ts";
import { understand } from "../understand.ts";

const Args = z.strictObject({ expression: z.string().min(1).max(240) });

export const calculator = (clock: () => number, onFault: (error: unknown) => void) =>
  agentTool({
    name: "calculator",
    description: '{"expression"} exact arithmetic with numbers and percentages, several steps separated by ";"',
    schema: Args,
    run: ({ expression }) => understand(expression, "sum", clock()),
    onFault,
  });
