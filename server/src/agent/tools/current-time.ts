import { z } from "zod";
import { agentTool } from "./agent-tool.ts";
import { understand } from "./understand.ts";

const Args = z.strictObject({ place: z.string().min(1).max(60) });

export const currentTime = (clock: () => number, onFault: (error: unknown) => void) =>
  agentTool({
    name: "current_time",
    description: '{"place"} the time, weekday and date now in a city, country or zone',
    schema: Args,
    run: ({ place }) => understand(place, "clock", clock()),
    onFault,
  });
