import { z } from "zod";
import { agentTool } from "./agent-tool.ts";
import { calculate } from "./calculate.ts";

const Args = z.strictObject({ expression: z.string().min(1).max(240) });

export const calculator = (onFault: (error: unknown) => void) =>
  agentTool({
    name: "calculator",
    description: '{"expression"} exact arithmetic with numbers and percentages, several steps separated by ";"',
    schema: Args,
    run: ({ expression }) =>
      calculate(expression)
        .map(({ name, source, value }) => `${name ?? source} = ${value}`)
        .join("; "),
    onFault,
  });
