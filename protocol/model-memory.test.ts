import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "./catalogue.ts";
import type { ModelShape } from "./catalogue.ts";
import { partBytes } from "./model-memory.ts";
import type { PartInput } from "./model-memory.ts";

const MIB = 1_024 ** 2;

/** Fourteen of the default model's 28 layers, as a layer server holds them. */
function half(other: Partial<PartInput> = {}): PartInput {
  const model = loadCatalogue().get("qwen2.5-coder-1.5b");
  if (!model?.shape) throw new Error("the default model has no shape");
  const { shape, kvBytesPerToken } = model;
  const fixed = { layers: 14, holdsOutput: false, contextTokens: 2_048, slots: 1, kvType: "f16", batchTokens: 512 };
  return { shape, kvBytesPerToken, ...fixed, ...other } as PartInput;
}

/** The same model on one machine. */
const whole = (other: Partial<PartInput> = {}) => half({ layers: 28, holdsOutput: true, ...other });

/** Predicted bytes over those that llama.cpp reported, MiB. */
const offBy = (predicted: number, reportedMiB: number) => Math.abs(predicted / MIB / reportedMiB - 1);

describe("what llama.cpp reported of the default model", () => {
  test("weights: a part's within 5 %, the head's and the whole model's exactly", () => {
    for (const [layers, reported] of [
      [14, 383.02],
      [14, 369.1],
      [20, 540.71],
      [8, 211.42],
    ] as const)
      expect(offBy(partBytes(half({ layers })).weights, reported)).toBeLessThan(0.05);
    expect(offBy(partBytes(half({ layers: 0, holdsOutput: true })).weights, 307.76)).toBeLessThan(0.001);
    expect(offBy(partBytes(whole()).weights, 1_059.89)).toBeLessThan(0.001);
  });

  test("cache: exactly, of both kinds", () => {
    expect(partBytes(half()).kv).toBe(28 * MIB);
    expect(partBytes(half({ contextTokens: 8_192 })).kv).toBe(112 * MIB);
    expect(partBytes(whole({ contextTokens: 8_192, slots: 4 })).kv).toBe(896 * MIB);
    expect(partBytes(whole({ contextTokens: 8_192, kvType: "q8_0" })).kv).toBe(119 * MIB);
  });

  test.each([
    ["a node", half({ batchTokens: 64, contextTokens: 8_192 }), 8.69],
    ["a node that reads more at once", half({ batchTokens: 256, contextTokens: 4_096, slots: 2 }), 32.75],
    ["a head without layers", half({ layers: 0, holdsOutput: true, batchTokens: 64, contextTokens: 8_192 }), 1.75],
    ["one machine", whole({ slots: 2 }), 66.51],
    ["one machine that reads little at once", whole({ batchTokens: 32, contextTokens: 8_192, slots: 4 }), 4.53],
    ["the built-in engine, which reserves the end for a whole batch", whole({ outputTokens: 512 }), 302.75],
    ["a quantised cache", whole({ batchTokens: 96, contextTokens: 8_192, kvType: "q8_0" }), 13.11],
  ])("compute buffer of %s", (_what, input, reported) => {
    expect(offBy(partBytes(input).compute, reported)).toBeLessThan(0.05);
  });
});

test("a model whose embedding serves as its output has it once", () => {
  const { embeddingBytes: _, ...shape } = half().shape;
  expect(partBytes(whole({ shape })).weights).toBe(788_652_032 + 191_439_360);
});

test("a slot's context is rounded up as llama.cpp rounds it", () => {
  expect(partBytes(half({ contextTokens: 2_000 }))).toEqual(partBytes(half()));
});

const shapes: fc.Arbitrary<ModelShape> = fc.record({
  layers: fc.integer({ min: 1, max: 200 }),
  embeddingLength: fc.integer({ min: 64, max: 20_000 }),
  feedForwardLength: fc.integer({ min: 64, max: 80_000 }),
  layerBytes: fc.integer({ min: 1e6, max: 1e12 }),
  outputBytes: fc.integer({ min: 1e6, max: 1e10 }),
  embeddingBytes: fc.integer({ min: 1e6, max: 1e10 }),
  vocabularyTokens: fc.integer({ min: 1_000, max: 500_000 }),
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
      const all = partBytes({ ...input, layers: shape.layers, holdsOutput: true });
      const head = partBytes({ ...input, holdsOutput: true });
      const node = partBytes({ ...input, layers: shape.layers - layers, holdsOutput: false });
      expect(Math.abs(head.weights + node.weights - all.weights)).toBeLessThanOrEqual(1);
      expect(Math.abs(head.kv + node.kv - all.kv)).toBeLessThanOrEqual(1);
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
