import { beginCell, Cell, Dictionary } from "@ton/core";
import { expect, test } from "vitest";
import { networkConfig } from "../../chain-config/network-config.ts";
import { news } from "./fact.ts";
import { CONFIG_PARAMS, networkFacts } from "./network-facts.ts";

function paramsOf(prices: "june-2026" | "before-april-2026") {
  const all = networkConfig({ prices }).beginParse();
  const params = all.loadDictDirect(Dictionary.Keys.Int(32), Dictionary.Values.Cell());
  return new Map(CONFIG_PARAMS.map((id) => [id, params.get(id)!]));
}

test("prices that fell are said, one line a parameter; what stayed is not", () => {
  const before = news(networkFacts(paramsOf("before-april-2026")), {});
  expect(before.lines).toEqual([]);
  const after = news(networkFacts(paramsOf("june-2026")), before.said);
  expect(after.lines).toEqual([
    expect.stringMatching(/storage .* 135 /),
    expect.stringContaining("gas of the basechain costs 0.000066666 GRAM for 1,000 units"),
    expect.stringContaining("at least 0.000066667 GRAM"),
  ]);
  expect(news(networkFacts(paramsOf("june-2026")), after.said).lines).toEqual([]);
});

const odd = (value: number) => new Map([[21 as const, beginCell().storeUint(value, 16).endCell()]]);

test("a parameter of another layout is not a fault of the watch, and its next change is still said", () => {
  const first = news(networkFacts(odd(1)), {});
  expect(news(networkFacts(odd(2)), first.said).lines).toEqual([expect.stringContaining("does not know")]);
  expect(networkFacts(new Map([[8 as const, Cell.EMPTY]]))[0]!.says).toContain("does not know");
});
