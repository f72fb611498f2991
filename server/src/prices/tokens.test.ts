import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checkCounts, tokensWithoutIds } from "./tokens.ts";

test.each([
  ["no text", { bytes: 0, frames: 0 }, 0],
  ["one letter in one frame", { bytes: 1, frames: 1 }, 1],
  ["a sentence in frames of a word", { bytes: 44, frames: 15 }, 11],
  ["the same sentence letter by letter", { bytes: 44, frames: 44 }, 11],
  ["a page in one frame", { bytes: 4_000, frames: 1 }, 1],
])("%s counts by its bytes, and at most by its frames", (_what, text, tokens) => {
  expect(tokensWithoutIds(text)).toBe(tokens);
});

test("cutting the same text into more frames never counts for more than its bytes do", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (bytes, frames) => {
      expect(tokensWithoutIds({ bytes, frames })).toBeLessThanOrEqual(Math.ceil(bytes / 4));
      expect(tokensWithoutIds({ bytes, frames })).toBeLessThanOrEqual(frames);
    }),
  );
});

test("a count is a whole number and not below zero, and nothing else is one", () => {
  expect(() => checkCounts({ prompt: 0, answer: 1_000_000 })).not.toThrow();
  for (const count of [-1, 0.5, NaN, Infinity, 2 ** 53])
    expect(() => checkCounts({ answer: count })).toThrow(`answer: ${count} is not a count of tokens`);
});
