import * as fc from "fast-check";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { expect, test } from "vitest";
import type { KvType } from "./child-messages.ts";
import { fit, neededBytes, needsOf } from "./fit.ts";
import type { Fit, FitInput } from "./fit.ts";

const GB = 1e9;

function inputOf(id: string, freeBytes: number, slotsWanted = 2): FitInput {
  const model = loadCatalogue().get(id);
  if (!model) throw new Error(`no ${id} in the catalogue`);
  return { ...needsOf(model), freeBytes, slotsWanted };
}

test("with memory to spare the default model gets full context, all slots and an exact cache", () => {
  const plan = fit(inputOf("qwen2.5-coder-1.5b", 8 * GB));
  expect(plan).toMatchObject({ kind: "fits", contextTokens: 8_192, slots: 2, kvType: "f16" });
});

test("with less memory the cache is quantised before anything is given up", () => {
  const full = neededBytes(inputOf("qwen2.5-coder-1.5b", 0), { contextTokens: 8_192, slots: 2, kvType: "f16" });
  const plan = fit(inputOf("qwen2.5-coder-1.5b", full - 1));
  expect(plan).toMatchObject({ kind: "fits", contextTokens: 8_192, slots: 2, kvType: "q8_0" });
});

test("a model that does not fit is reported with the memory it needs", () => {
  const plan = fit(inputOf("qwen2.5-coder-1.5b", 1 * GB));
  expect(plan.kind).toBe("too-big");
  expect(fit(inputOf("qwen2.5-coder-1.5b", plan.needBytes))).toMatchObject({ kind: "fits" });
});

test("a model whose list has no quantised cache gets less context instead of one", () => {
  const input = { ...inputOf("qwen2.5-coder-1.5b", 0), kvTypes: ["f16"] } as const;
  const full = neededBytes(input, { contextTokens: 8_192, slots: 1, kvType: "f16" });
  expect(fit({ ...input, freeBytes: full - 1 })).toMatchObject({ contextTokens: 4_096, kvType: "f16" });
});

test("what is reserved counts the whole context of every slot, so that jobs in all of them can end", () => {
  const input = inputOf("qwen2.5-coder-1.5b", 0);
  const bytes = (slots: number) => neededBytes(input, { contextTokens: 8_192, slots, kvType: "f16" });
  expect(bytes(4) - bytes(1)).toBe(3 * 8_192 * input.kvBytesPerToken);
});

test("the built-in engine needs more room for what it computes than llama-server does", () => {
  const setUp = { contextTokens: 2_048, slots: 1, kvType: "f16" } as const;
  const [builtIn, server] = (["built-in", "llama-server"] as const).map((engine) =>
    neededBytes({ ...inputOf("qwen2.5-coder-1.5b", 0), engine }, setUp),
  );
  // As llama.cpp reports them: 302.75 and 66.51 MiB.
  expect((builtIn! - server!) / 2 ** 20).toBeCloseTo(302.75 - 66.5, 0);
});

test("a mixture of experts, whose shape is not known, is fitted by its size", () => {
  const { needBytes } = fit(inputOf("qwen3-30b-a3b-instruct-2507", 0));
  expect(needBytes).toBeGreaterThan(18.6 * GB);
  expect(needBytes).toBeLessThan(23 * GB);
});

const inputs = fc.record({
  weightsBytes: fc.integer({ min: 1e6, max: 500e9 }),
  kvBytesPerToken: fc.integer({ min: 1_000, max: 2_000_000 }),
  contextTokensMax: fc.integer({ min: 512, max: 1_000_000 }),
  freeBytes: fc.integer({ min: 0, max: 1e12 }),
  slotsWanted: fc.integer({ min: 1, max: 64 }),
  kvTypes: fc.constantFrom<readonly KvType[]>(["f16"], ["f16", "q8_0"]),
});

test("a plan never needs more memory than there is, nor more context than the model has", () => {
  fc.assert(
    fc.property(inputs, (input) => {
      const plan = fit(input);
      const { needBytes } = plan;
      const within =
        plan.kind === "fits" &&
        plan.contextTokens <= input.contextTokensMax &&
        plan.slots <= input.slotsWanted &&
        input.kvTypes.includes(plan.kvType) &&
        needBytes === neededBytes(input, plan);
      expect(needBytes <= input.freeBytes).toBe(within);
    }),
  );
});

const contextOf = (plan: Fit) => (plan.kind === "fits" ? plan.contextTokens : 0);

test("more memory never makes a plan worse", () => {
  fc.assert(
    fc.property(inputs, fc.integer({ min: 0, max: 1e11 }), (input, more) => {
      const [less, plenty] = [fit(input), fit({ ...input, freeBytes: input.freeBytes + more })];
      expect(contextOf(plenty)).toBeGreaterThanOrEqual(contextOf(less));
    }),
  );
});
