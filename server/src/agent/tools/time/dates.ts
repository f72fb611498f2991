import { z } from "zod";
import { agentTool } from "../agent-tool.ts";
import { understand } from "../understand.ts";

const Args = z.strictObject({ query: z.string().min(1).max(80) });

export const dates = (clock: () => number, onFault: (error: unknown) => void) =>
  agentTool({
    name: "dates",
    description:
      '{"query"} weekday of a day, days between two, or a day plus some: "tomorrow", "today + 10 days", "today to 2020-05-01"',
    schema: Args,
    run: ({ query }) => understand(query, "day", clock()),
    onFault,
  });
