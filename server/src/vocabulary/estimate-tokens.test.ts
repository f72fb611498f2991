import * as fc from "fast-check";
import { expect, test } from "vitest";
import { estimatePrompt, estimateTokens, reserveTokens, reserveTurn } from "./estimate-tokens.ts";

test("a text of another script has twice the tokens of an English one of its length, and none has no tokens", () => {
  expect(estimateTokens("What is the time in Tokyo now?")).toBe(8);
  expect(estimateTokens("Который час сейчас в Токио, а?")).toBe(14);
  expect(estimateTokens("")).toBe(0);
  expect(estimateTokens("日")).toBe(1);
});

test("a prompt has the marks of each turn and of the answer that follows", () => {
  expect(estimatePrompt([])).toBe(5);
  expect(
    estimatePrompt([
      { role: "system", content: "Be brief" },
      { role: "user", content: "Да" },
    ]),
  ).toBe(5 + 2 + 5 + 1 + 5);
});

test("a reserve is never under the guess it is made of, however a text is cut into turns", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 8 }), (texts) => {
      for (const text of texts) expect(reserveTokens(text)).toBeGreaterThanOrEqual(estimateTokens(text));
      const reserved = texts.reduce((sum, text) => sum + reserveTurn(text), 0);
      const turns = texts.map((content) => ({ role: "user" as const, content }));
      expect(reserved).toBeGreaterThanOrEqual(estimatePrompt(turns) - 5);
      expect(reserveTokens(texts.join(""))).toBeLessThanOrEqual(reserved);
    }),
  );
});
