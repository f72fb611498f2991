import { expect, test } from "vitest";
import { EngineFailure } from "./engine.ts";
import type { EngineEvent } from "./engine.ts";
import { measureSharing, sharingOf } from "./measure-sharing.ts";

test("streams half as fast in pairs take turns, those as fast as alone cost each other nothing", () => {
  expect(sharingOf({ alone: 40, shared: [20, 20] })).toBe(1);
  expect(sharingOf({ alone: 40, shared: [40, 40, 40] })).toBe(0);
  // Four at half the pace: each of the three others adds a third.
  expect(sharingOf({ alone: 40, shared: [10, 20, 20, 30] })).toBeCloseTo(1 / 3);
});

test("streams that are faster together are not counted as a gain, nor slower ones than in turns as a loss", () => {
  expect(sharingOf({ alone: 20, shared: [40, 40] })).toBe(0);
  expect(sharingOf({ alone: 40, shared: [5, 5] })).toBe(1);
});

/** An engine that writes this many tokens of a stream, and remembers how many streams it had at once. */
function engineOf(slots: number, tokens: number, fault?: EngineFailure) {
  const engine = {
    served: { slots } as never,
    most: 0,
    running: 0,
    async *generate(): AsyncGenerator<EngineEvent, void, void> {
      engine.most = Math.max(engine.most, ++engine.running);
      for (let made = 0; made < tokens; made++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield { kind: "tokens", tokens: [1], text: "a" };
      }
      if (fault) throw fault;
      engine.running--;
    },
  };
  return engine;
}

test("as many streams as the engine serves are measured at once", async () => {
  const engine = engineOf(3, 20);
  expect(await measureSharing(engine)).toEqual(expect.any(Number));
  expect(engine.most).toBe(3);
});

test("nothing is said of an engine of one slot, one that writes too little and one that fails", async () => {
  expect(await measureSharing(engineOf(1, 20))).toBeNull();
  expect(await measureSharing(engineOf(2, 5))).toBeNull();
  expect(await measureSharing(engineOf(2, 20, new EngineFailure("busy", "no")))).toBeNull();
});
