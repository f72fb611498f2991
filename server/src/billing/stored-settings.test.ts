import { expect, test } from "vitest";
import { DEFAULT_SETTINGS, withStored } from "./money-settings.ts";
import { priceName, readStoredSettings } from "./stored-settings.ts";

function read(rows: Record<string, unknown>) {
  return readRows(Object.entries(rows).map(([name, value]) => ({ name, value })));
}

function readRows(rows: { name: string; value: unknown }[]) {
  const faults: string[] = [];
  const stored = readStoredSettings(rows, (name) => faults.push(name));
  return { settings: withStored(DEFAULT_SETTINGS, stored), faults };
}

const OWN = { prompt: "20000", cached: "5000", answer: "70000" };
const OWN_PRICES = { prompt: 20_000n, cached: 5_000n, answer: 70_000n };

test("without rows the defaults hold", () => {
  expect(read({})).toEqual({ settings: DEFAULT_SETTINGS, faults: [] });
});

test("each row replaces its default, and no other", () => {
  const { settings, faults } = read({
    fee: { feeBasisPoints: 1_200, lossBasisPoints: 300 },
    "free.answersPerDay": 7,
    "free.dayMicroUsd": "0",
    "free.inGroups": true,
    "caps.answerMicroUsd": "50000",
    "caps.dayMicroUsd": "2000000",
    "caps.keyDayMicroUsd": "3000000",
    starsFloatMax: "1",
    halted: true,
    payoutsHalted: true,
  });
  expect(faults).toEqual([]);
  expect(settings).toEqual({
    prices: DEFAULT_SETTINGS.prices,
    feeBasisPoints: 1_200,
    lossBasisPoints: 300,
    free: { answersPerDay: 7, parametersMax: 5e9, dayMicroUsd: 0n, inGroups: true },
    caps: { answerMicroUsd: 50_000n, dayMicroUsd: 2_000_000n, keyDayMicroUsd: 3_000_000n },
    starsFloatMax: 1n,
    halted: true,
    payoutsHalted: true,
  });
});

test("a price replaces that of its class or stands beside it, and a model's own is its own", () => {
  const { prices } = read({
    "price/micro_usd/class/2500000000": OWN,
    "price/micro_usd/class/120000000000": { ...OWN, answer: "3000000" },
    "price/micro_usd/model/mine/with.dots": OWN,
  }).settings;
  expect(prices.classes.map(({ parametersMax }) => parametersMax)).toEqual([2.5e9, 5e9, 10e9, 40e9, 80e9, 120e9]);
  expect(prices.classes[0]?.prices).toEqual(OWN_PRICES);
  expect(prices.models).toEqual(new Map([["mine/with.dots", OWN_PRICES]]));
});

test("a list in coins has no price that was listed in dollars", () => {
  const rows = { "price/micro_usd/class/2500000000": OWN, "price/nano/model/mine": OWN };
  const inCoins = read({ ...rows, "prices.unit": "nano" }).settings.prices;
  expect(inCoins).toEqual({ unit: "nano", classes: [], models: new Map([["mine", OWN_PRICES]]) });
  expect(read(rows).settings.prices.models.size).toBe(0);
});

test.each([
  ["halted", "yes"],
  ["halted", null],
  ["fee", { feeBasisPoints: 1_000 }],
  ["fee", { feeBasisPoints: 1_000, lossBasisPoints: 1_001 }],
  ["fee", { feeBasisPoints: 5_001, lossBasisPoints: 0 }],
  ["free.answersPerDay", -1],
  ["free.answersPerDay", 1.5],
  ["free.answersPerDay", "20"],
  ["free.dayMicroUsd", 2_000_000],
  ["free.dayMicroUsd", "-1"],
  ["caps.answerMicroUsd", "999"],
  ["caps.dayMicroUsd", "1000000001"],
  ["starsFloatMax", "10000000000001"],
  ["starsFloatMax", "9".repeat(40)],
  ["prices.unit", "rubles"],
  ["something else", 1],
  ["__proto__", true],
  ["toString", true],
  ["price/micro_usd/class/2500000000", { ...OWN, cached: "20001" }],
  ["price/micro_usd/class/2500000000", { ...OWN, answer: "1000000001" }],
  ["price/micro_usd/class/many", OWN],
  ["price/micro_usd/class/-1", OWN],
  ["price/rubles/model/mine", OWN],
  ["price/micro_usd/model/", OWN],
  ["price/micro_usd/model/mine", [1, 2, 3]],
])("%s cannot be %j: the default holds", (name, value) => {
  expect(readRows([{ name, value }])).toEqual({ settings: DEFAULT_SETTINGS, faults: [name] });
});

test("a price's name says its unit and whose it is", () => {
  expect(priceName("nano", { kind: "class", parametersMax: 2.5e9 })).toBe("price/nano/class/2500000000");
  expect(priceName("micro_usd", { kind: "model", id: "mine" })).toBe("price/micro_usd/model/mine");
});
