import { translator } from "@starai/protocol/texts";
import { expect, test } from "vitest";
import type { PoolGroup } from "@starai/protocol/pool-status";
import { barWords, layerWords, paceWords, stateWords } from "./group-words.ts";

const t = translator("en");
const rack = { name: "Rack", firstLayer: 0, layers: 14, isPreparing: false };
const laptop = { name: "Laptop", firstLayer: 14, layers: 14, isPreparing: false };
const up: PoolGroup = {
  model: "a-model",
  name: "A model",
  isUp: true,
  done: 1,
  members: [rack, laptop],
  decodeTokensPerS: 12.34,
  limitedBy: "machines",
};
const preparing: PoolGroup = { ...up, isUp: false, done: 0.456, decodeTokensPerS: null, limitedBy: null };

test("a group that serves says so, with its speed and what limits it: its machines, or the way between them", () => {
  expect(stateWords(t, up, "en")).toBe("Serving");
  expect(paceWords(t, up, "en")).toBe("12 tokens/s · limited by its machines");
  expect(paceWords(t, { ...up, limitedBy: "network" }, "en")).toBe("12 tokens/s · limited by the network between them");
});

test("what nobody has measured is not said: no speed before the first answer, no limit where it is not known", () => {
  expect(paceWords(t, { ...up, decodeTokensPerS: null, limitedBy: null }, "en")).toBe(
    "Its speed is known after its first answer",
  );
  expect(paceWords(t, { ...up, limitedBy: null }, "en")).toBe("12 tokens/s");
});

test("one that prepares says how far it is and for which machines it waits, and never more than is done", () => {
  expect(stateWords(t, preparing, "en")).toBe("Preparing, 45%");
  expect(stateWords(t, { ...preparing, done: 0.999 }, "en")).toBe("Preparing, 99%");
  const slow = { ...preparing, members: [rack, { ...laptop, isPreparing: true }] };
  expect(paceWords(t, slow, "en")).toBe("Waits for Laptop");
  const both = {
    ...preparing,
    members: [
      { ...rack, isPreparing: true },
      { ...laptop, isPreparing: true },
    ],
  };
  expect(paceWords(t, both, "en")).toBe("Waits for Rack and Laptop");
  expect(paceWords(translator("ru"), both, "ru")).toBe("Ждёт: Rack и Laptop");
  expect(paceWords(t, preparing, "en")).toBeNull();
});

test("layers are counted from 1, and the output is the head's alone, also where it has nothing else", () => {
  expect(layerWords(t, rack, 0)).toBe("layers 1–14 and the output");
  expect(layerWords(t, laptop, 1)).toBe("layers 15–28");
  expect(layerWords(t, { ...laptop, layers: 1 }, 1)).toBe("layer 15");
  expect(layerWords(t, { ...rack, layers: 0 }, 0)).toBe("the output");
});

test("the bar has words for whoever does not see it", () => {
  expect(barWords(t, up)).toBe("Layers by machine: Rack 14, Laptop 14");
});
