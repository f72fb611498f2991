import { z } from "zod";
import { agentTool } from "./agent-tool.ts";
import { ToolAdvice } from "./tool-advice.ts";
import { understand } from "./understand.ts";

const Args = z.strictObject({ query: z.string().min(1).max(80) });

/** `8 pm Rome to Seoul`: a clock time comes first. */
const CLOCK_TIME = /^\s*\d{1,2}(?:[:.]\d\d)?\s*(?:[ap]\.?m\.?)?\s+\p{L}/iu;
/** How people name an hour: in digits, or in these words. */
const HOUR_NAMED =
  /\d|\b(?:noon|midday|midnight|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|пол(?:день|дня|ночь|ночи)|(?<!\p{L})(?:часа? (?:дня|ночи)|два|три|четыре|пять|шесть|семь|восемь|девять|десять|одиннадцать|двенадцать)(?!\p{L})/iu;

/** `said` is what the person wrote in the conversation; null where nothing is known of it. */
export const currentTime = (clock: () => number, onFault: (error: unknown) => void, said: string | null = null) =>
  agentTool({
    name: "current_time",
    description:
      '{"query"} the clock now in a city or zone: "Berlin"; or a clock time in another: "8 pm Rome to Seoul"',
    schema: Args,
    run: ({ query }) => {
      // Small models copy the time of an example into a question that has none.
      if (said !== null && CLOCK_TIME.test(query) && !HOUR_NAMED.test(said))
        throw new ToolAdvice("the person named no clock time; ask again with only the place the person named");
      return understand(query, "clock", clock());
    },
    onFault,
  });
