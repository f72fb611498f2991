import * as fc from "fast-check";
import { expect, test } from "vitest";
import { loadCatalogue } from "./catalogue.ts";
import type { ModelShape } from "./catalogue.ts";
import { computeBytes, partBytes } from "./model-memory.ts";
import type { PartInput } from "./model-memory.ts";

const MIB = 1_024 ** 2;

/** Fourteen of the default model's 28 layers, as llama.cpp held them on a layer server. */
function half(other: Partial<PartInput> = {}): PartInput {
  const model = loadCatalogue().get("qwen2.5-coder-1.5b");
  if (!model?.shape) throw new Error("the default model has no shape");
  const { shape, kvBytesPerToken } = model;
  const fixed = { layers: 14, holdsOutput: false, contextTokens: 2_048, slots: 1, kvType: "f16", batchTokens: 512 };
  return { shape, kvBytesPerToken, ...fixed, ...other } as PartInput;
}

const offBy = (predicted: number, reported: number) => Math.abs(predicted / reported - 1);

test("a part's weights are within 5 % of those that two layer servers held", () => {
  for (const held of [402.8e6, 388.2e6]) expect(offBy(partBytes(half()).weights, held)).toBeLessThan(0.05);
});

test("a part's cache is exactly what llama.cpp reports, of both kinds", () => {
  expect(partBytes(half()).kv).toBe(28 * MIB);
  expect(partBytes(half({ contextTokens: 8_192 })).kv).toBe(112 * MIB);
  expect(partBytes(half({ kvType: "q8_0" })).kv).toBe(14.875 * MIB);
});

test("the compute buffer is what llama.cpp reports", () => {
  expect(computeBytes(half({ batchTokens: 256, contextTokens: 4_096 })) / MIB).toBe(32.75);
  // With a quantised cache it is a little smaller than that.
  expect(offBy(computeBytes(half()) / MIB, 60.59)).toBeLessThan(0.05);
});

test("the part with the output takes the output's weights in addition, the others do not", () => {
  const [with_, without] = [partBytes(half({ holdsOutput: true })), partBytes(half())];
  expect(with_.weights - without.weights).toBe(191_439_360);
});

const shapes: fc.Arbitrary<ModelShape> = fc.record({
  layers: fc.integer({ min: 1, max: 200 }),
  embeddingLength: fc.integer({ min: 64, max: 20_000 }),
  feedForwardLength: fc.integer({ min: 64, max: 80_000 }),
  layerBytes: fc.integer({ min: 1e6, max: 1e12 }),
  outputBytes: fc.integer({ min: 1e6, max: 1e10 }),
});
const inputs = fc
  .record({
    shape: shapes,
    kvBytesPerToken: fc.integer({ min: 1_000, max: 2_000_000 }),
    contextTokens: fc.integer({ min: 1, max: 100_000 }),
    slots: fc.integer({ min: 1, max: 64 }),
    kvType: fc.constantFrom("f16" as const, "q8_0" as const),
    batchTokens: fc.integer({ min: 32, max: 512 }),
    holdsOutput: fc.boolean(),
  })
  .chain((input) => fc.integer({ min: 0, max: input.shape.layers }).map((layers) => ({ ...input, layers })));

test("parts together take the model's weights and cache once, however it is cut", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const { shape, layers } = input;
      const whole = partBytes({ ...input, layers: shape.layers, holdsOutput: true });
      const head = partBytes({ ...input, holdsOutput: true });
      const node = partBytes({ ...input, layers: shape.layers - layers, holdsOutput: false });
      expect(Math.abs(head.weights + node.weights - whole.weights)).toBeLessThanOrEqual(1);
      expect(Math.abs(head.kv + node.kv - whole.kv)).toBeLessThanOrEqual(1);
    }),
  );
});

test("more context, slots, layers or tokens at once never take less memory", () => {
  fc.assert(
    fc.property(inputs, fc.constantFrom("contextTokens", "slots", "layers", "batchTokens"), (input, part) => {
      expect(partBytes({ ...input, [part]: input[part] + 1 }).total).toBeGreaterThanOrEqual(partBytes(input).total);
    }),
  );
});
