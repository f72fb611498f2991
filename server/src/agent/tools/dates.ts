import { z } from "zod";
import { agentTool } from "./agent-tool.ts";
import { tellDate } from "./tell-date.ts";
import { wallTimeAt } from "./zoned-time.ts";

const Args = z.strictObject({ query: z.string().min(1).max(80) });

/** Days are counted from today in UTC: a chat does not tell where its person is. */
export const dates = (clock: () => number, onFault: (error: unknown) => void) =>
  agentTool({
    name: "dates",
    description:
      '{"query"} weekday of a date, days between two dates, or a date plus days: "today + 10 days", "today to 2020-05-01"',
    schema: Args,
    run: ({ query }) => tellDate(query, wallTimeAt(clock(), "UTC")),
    onFault,
  });
