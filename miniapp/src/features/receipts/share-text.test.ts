import { expect, test } from "vitest";
import type { WorkedShare } from "@starai/protocol/receipts";
import { translator } from "@starai/protocol/texts";
import { shareText } from "./share-text.ts";

const share: WorkedShare = { worker: "w1", name: "Rack", tokens: 120, isFalse: false, amount: "7" };
const work = { layers: 14, ofLayers: 28, bytes: 1, ofBytes: 2 };
const [en, ru] = [translator("en"), translator("ru")];

test("a machine of a group is shown with its layers, one with the whole model without any", () => {
  expect(shareText(share, en, String)).toBe("Rack: 120 tokens");
  expect(shareText({ ...share, work }, en, String)).toBe("Rack: 120 tokens · computed 14 of 28 layers");
  expect(shareText({ ...share, work }, ru, String)).toBe("Rack: токенов 120 · вычислено слоёв: 14 из 28");
});

test("one that was slow or dropped is told so, also in a group", () => {
  expect(shareText({ ...share, work, withheld: "1" }, en, String)).toMatch(/paid less · computed 14 of 28 layers$/);
  expect(shareText({ ...share, work, isFalse: true }, en, String)).toMatch(/not be true · computed 14 of 28 layers$/);
});
