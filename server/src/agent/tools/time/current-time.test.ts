import { expect, test } from "vitest";
import { currentTime } from "./current-time.ts";

const ask = async (query: string) => {
  const tool = currentTime(
    () => Date.UTC(2026, 10, 23, 14, 5),
    () => undefined,
  );
  return String(
    ((await tool.invoke({ type: "tool_call", id: "1", name: tool.name, args: { query } })) as { content: unknown })
      .content,
  );
};

test.each([
  ["Tokyo", /^Tokyo: 23:05/],
  ["What time is it in Tokyo?", /^Tokyo: 23:05/],
  ["Который час во Владивостоке?", /^Владивостоке: 00:05/],
  ["current time Tokyo", /^Tokyo: 23:05/],
  ["London to 12:00", /^London: 14:05/],
  ["Tokyo now", /^Tokyo: 23:05/],
  ["Tokyo 8 pm", /^Tokyo: 23:05/],
  ["UTC+3", /17:05/],
  ["3 pm London to New York", /10:00/],
  ["8 pm Rome to Seoul", /04:00/],
  ["Nowhere", /no time zone is known/],
])("%s is asked of the clock", async (query, answer) => expect(await ask(query)).toMatch(answer));
