import { EventEmitter, once } from "node:events";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Lanes } from "./lanes.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("work of one chat runs in order, one at a time; other chats do not wait", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(3), fc.boolean()), { maxLength: 30 }),
      async (works) => {
        const lanes = new Lanes();
        const done: Record<string, number[]> = { a: [], b: [], c: [] };
        const busy = new Set<string>();
        const all = works.map(([lane, turns, fails], index) =>
          lanes.run(lane, async () => {
            expect(busy.has(lane)).toBe(false);
            busy.add(lane);
            for (let left = turns; left > 0; left--) await turn();
            busy.delete(lane);
            done[lane]?.push(index);
            if (fails) throw new Error("this work failed");
          }),
        );
        await Promise.allSettled(all);
        for (const lane of ["a", "b", "c"])
          expect(done[lane]).toEqual(works.flatMap(([name], index) => (name === lane ? [index] : [])));
      },
    ),
    { numRuns: 50 },
  );
});

test("a lane is full with eight tasks, and free again when they are done", async () => {
  const lanes = new Lanes();
  const door = new EventEmitter();
  const gate = once(door, "open");
  const all = Array.from({ length: 8 }, () => lanes.run("chat", () => gate));
  expect(lanes.isFull("chat")).toBe(true);
  expect(lanes.isFull("other")).toBe(false);
  door.emit("open");
  await Promise.all(all);
  expect(lanes.isFull("chat")).toBe(false);
});

test("a failure rejects its caller's promise and does not stop the lane", async () => {
  const lanes = new Lanes();
  const failing = lanes.run("chat", () => Promise.reject(new Error("broken")));
  const next = lanes.run("chat", () => Promise.resolve("fine"));
  await expect(failing).rejects.toThrow("broken");
  expect(await next).toBe("fine");
});
