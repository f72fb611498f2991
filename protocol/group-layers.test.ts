import * as fc from "fast-check";
import { expect, test } from "vitest";
import { loadCatalogue } from "./catalogue.ts";
import { layersThatFit, nodesNeeded } from "./group-layers.ts";
import type { SplitModel } from "./group-layers.ts";
import { partBytes } from "./model-memory.ts";
import { GROUP_NODES_MAX } from "./split.ts";

const ROOM = { contextTokens: 4_096, slots: 1 };
const GB = 1e9;
const model = [...loadCatalogue().values()].find(({ id }) => id === "qwen2.5-14b-instruct") as SplitModel;
const models = [...loadCatalogue().values()].filter((one): one is SplitModel => one.shape !== undefined);

test("a machine with 4 GB holds about a third of the 14b model, as its head less, and with 0.5 GB no head", () => {
  const [node, head] = [false, true].map((holdsOutput) =>
    layersThatFit(model, { memoryBytes: 4 * GB, holdsOutput }, ROOM),
  );
  expect(node).toBeGreaterThan(15);
  expect(node).toBeLessThan(25);
  expect(head).toBeLessThan(node!);
  expect(layersThatFit(model, { memoryBytes: 0.5 * GB, holdsOutput: true }, ROOM)).toBe(-1);
});

const needed = (headBytes: number, ...othersBytes: number[]) => nodesNeeded(model, { headBytes, othersBytes }, ROOM);

test("as many nodes are needed as make it fit, three at most", () => {
  expect(needed(6 * GB, 6 * GB, 6 * GB)).toBe(1);
  expect(needed(4 * GB, 4 * GB, 4 * GB)).toBe(2);
  expect(needed(4 * GB, 4 * GB)).toBeNull();
  expect(needed(1 * GB, 20 * GB)).toBeNull();
  expect(needed(2 * GB, 2 * GB, 2 * GB, 2 * GB, 2 * GB, 2 * GB, 2 * GB)).toBeNull();
});

test("the layers that fit do fit, and one more would not", () => {
  const machines = fc.record({ memoryBytes: fc.integer({ min: 0, max: 20 * GB }), holdsOutput: fc.boolean() });
  fc.assert(
    fc.property(fc.constantFrom(...models), machines, (one, machine) => {
      const layers = layersThatFit(one, machine, ROOM);
      const { shape, kvBytesPerToken } = one;
      const { holdsOutput } = machine;
      const engine = { kvType: "f16", batchTokens: 512 } as const;
      const bytes = (count: number) =>
        partBytes({ shape, kvBytesPerToken, layers: count, holdsOutput, ...ROOM, ...engine }).total;
      expect(layers < 0 ? 0 : bytes(layers)).toBeLessThanOrEqual(machine.memoryBytes);
      expect(layers < shape.layers ? bytes(layers + 1) : Infinity).toBeGreaterThan(machine.memoryBytes * 0.95);
    }),
  );
});

test("more memory anywhere never needs more nodes, and never more than a group has", () => {
  const bytes = fc.integer({ min: 0, max: 12 * GB });
  fc.assert(
    fc.property(
      fc.constantFrom(...models),
      bytes,
      fc.array(bytes, { maxLength: 5 }),
      bytes,
      (one, headBytes, othersBytes, more) => {
        const few = nodesNeeded(one, { headBytes, othersBytes }, ROOM);
        const withMore = nodesNeeded(one, { headBytes: headBytes + more, othersBytes }, ROOM);
        expect(withMore ?? Infinity).toBeLessThanOrEqual(few ?? Infinity);
        expect(few ?? 0).toBeLessThanOrEqual(GROUP_NODES_MAX);
      },
    ),
  );
});
