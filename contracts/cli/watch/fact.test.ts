import { expect, test } from "vitest";
import { news } from "./fact.ts";
import type { Fact, Said } from "./fact.ts";

const fact = (says: string, alarming = false): Fact => ({ key: "pool", says, alarming });

test("an alarm is said at first sight and once; a calm fact only when it has changed", () => {
  const first = news([fact("The pool is short.", true), { ...fact("Epoch 1."), key: "epoch" }], {});
  expect(first.lines).toEqual(["ALARM   The pool is short."]);
  expect(news([fact("The pool is short.", true)], first.said).lines).toEqual([]);
  const after = news([fact("The pool is full."), { ...fact("Epoch 2."), key: "epoch" }], first.said);
  expect(after.lines).toEqual(["changed The pool is full.", "changed Epoch 2."]);
});

test("what was said is as large as the number of keys, however often it changes", () => {
  let said: Said = {};
  for (let change = 0; change < 1_000; change++) ({ said } = news([fact(`Change ${change}.`, true)], said));
  expect(said).toEqual({ pool: "Change 999." });
});
