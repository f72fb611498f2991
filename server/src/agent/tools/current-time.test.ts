import { expect, test } from "vitest";
import { currentTime } from "./current-time.ts";

const ask = async (said: string | null, query: string) => {
  const tool = currentTime(
    () => Date.UTC(2026, 10, 23, 14, 5),
    () => undefined,
    said,
  );
  return String(
    ((await tool.invoke({ type: "tool_call", id: "1", name: tool.name, args: { query } })) as { content: unknown })
      .content,
  );
};

test("a clock time nobody named, as copied from an example, is refused with advice", async () => {
  expect(await ask("What time is it in Tokyo?", "8 pm Tokyo to Seoul")).toMatch(/named no clock time/);
  expect(await ask("Который час в Токио?", "20:00 Rome to Tokyo")).toMatch(/named no clock time/);
});

test("a named time is translated, in digits or in words, and a place with a number is a place", async () => {
  expect(await ask("If it's 3 pm in London, what time is it in New York?", "3 pm London to New York")).toMatch(/10:00/);
  expect(await ask("noon in London, and in New York?", "12 pm London to New York")).toMatch(/07:00/);
  expect(await ask("В Лондоне полдень, а в Москве?", "12:00 London to Moscow")).toMatch(/15:00/);
  expect(await ask("What's the time in Moscow?", "UTC+3")).toMatch(/17:05/);
  expect(await ask(null, "8 pm Rome to Seoul")).toMatch(/04:00/);
});
