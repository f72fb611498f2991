import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ChangeFeed } from "./change-feed.ts";

test("a reader gets every hint since it subscribed, or the hint to ask for all", async () => {
  const act = fc.oneof(fc.nat({ max: 300 }), fc.constant("read" as const));
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 400 }), async (acts) => {
      const feed = new ChangeFeed();
      const reader = feed.follow("person:1");
      const untold = new Set<string>();
      const read = async () => {
        const { value } = (await reader.next()) as { value: { type: "all" } | { type: "thread"; id: string } };
        if (value.type === "all") untold.clear();
        else untold.delete(value.id);
      };
      await read();
      for (const step of acts) {
        if (step === "read") {
          if (untold.size > 0) await read();
          continue;
        }
        feed.emit("person:1", { type: "thread", id: `${step}` });
        feed.emit("person:2", { type: "thread", id: "somebody else's" });
        untold.add(`${step}`);
      }
      // Never more to read than the bound, however many hints were sent.
      for (let left = 0; left <= 100 && untold.size > 0; left++) await read();
      expect(untold.size).toBe(0);
    }),
    { numRuns: 50 },
  );
});

test("the oldest of too many windows gives way, and a closed one ends", async () => {
  const feed = new ChangeFeed();
  const readers = Array.from({ length: 17 }, () => feed.follow("person:1"));
  expect((await readers[0]!.next()).done).toBe(true);
  const second = readers[1]!;
  expect(await second.next()).toEqual({ done: false, value: { type: "all" } });
  const waiting = second.next();
  second.close();
  expect((await waiting).done).toBe(true);
});
