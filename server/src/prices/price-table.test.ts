import { describe, expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { DEFAULT_PRICES, faultInPrices, listPrices } from "./price-table.ts";

const SMALLEST = { prompt: 15_000n, cached: 4_000n, answer: 60_000n };

describe("the default prices", () => {
  test("have no fault, and a price for every model of the catalogue", () => {
    expect(faultInPrices(DEFAULT_PRICES)).toBeNull();
    const models = [...loadCatalogue().values()];
    expect(models.length).toBeGreaterThan(2);
    for (const model of models) expect(listPrices(DEFAULT_PRICES, model)).not.toBeNull();
  });

  test.each([
    ["qwen2.5-coder-1.5b", 60_000n],
    ["qwen3-4b-instruct-2507", 120_000n],
    ["qwen2.5-7b-instruct", 200_000n],
    ["qwen2.5-14b-instruct", 500_000n],
    ["qwen3-30b-a3b-instruct-2507", 500_000n],
  ])("take %s for its size", (id, answer) => {
    expect(listPrices(DEFAULT_PRICES, loadCatalogue().get(id)!)?.answer).toBe(answer);
  });

  test("sell a 70B model, and nothing that is larger than their largest class", () => {
    expect(listPrices(DEFAULT_PRICES, { id: "large", parameters: 70.6e9 })?.answer).toBe(1_800_000n);
    expect(listPrices(DEFAULT_PRICES, { id: "huge", parameters: 405e9 })).toBeNull();
  });
});

test("a model of exactly a class's largest size is of that class, and one parameter more is of the next", () => {
  const sizes = [2.5e9, 2.5e9 + 1, 80e9, 80e9 + 1];
  const prices = sizes.map((parameters) => listPrices(DEFAULT_PRICES, { id: "edge", parameters })?.answer);
  expect(prices).toEqual([60_000n, 120_000n, 1_800_000n, undefined]);
});

test("a model's own price counts before its class, and for no other model", () => {
  const own = { prompt: 1n, cached: 0n, answer: 2n };
  const table = { ...DEFAULT_PRICES, models: new Map([["mine", own]]) };
  expect(listPrices(table, { id: "mine", parameters: 405e9 })).toEqual(own);
  expect(listPrices(table, { id: "other", parameters: 1e9 })).toEqual(SMALLEST);
});

describe("a table that somebody wrote", () => {
  const withModel = (prices: typeof SMALLEST) => ({ ...DEFAULT_PRICES, models: new Map([["mine", prices]]) });

  test("may be free of charge, or in coins", () => {
    expect(faultInPrices(withModel({ prompt: 0n, cached: 0n, answer: 0n }))).toBeNull();
    expect(faultInPrices({ unit: "nano", classes: [], models: new Map([["mine", SMALLEST]]) })).toBeNull();
  });

  test.each([
    ["a price below nothing", { ...SMALLEST, answer: -1n }, "mine: answer must be between 0 and 1000000000"],
    ["a price nobody means", { ...SMALLEST, prompt: 10n ** 12n }, "mine: prompt must be between 0 and 1000000000"],
    ["cached tokens dearer than read ones", { ...SMALLEST, cached: 15_001n }, "mine: cached must not be above prompt"],
  ])("cannot have %s", (_what, prices, fault) => {
    expect(faultInPrices(withModel(prices))).toContain(fault);
  });

  test("cannot have its classes in any other order than by size", () => {
    const classes = DEFAULT_PRICES.classes.toReversed();
    expect(faultInPrices({ ...DEFAULT_PRICES, classes })).toBe("classes: list them from small to large");
  });
});
