import * as fc from "fast-check";
import { expect, test } from "vitest";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { ERROR_CODES } from "@starai/protocol/error-codes";
import { recent, shareContext } from "./conversation.ts";
import type { Said } from "./conversation.ts";
import { outcomeText } from "./outcome-text.ts";
import { reserveTokens } from "../vocabulary/estimate-tokens.ts";

const said = fc.record({
  role: fc.constantFrom("user" as const, "assistant" as const),
  text: fc.string({ maxLength: 400 }),
});

test("memory is the newest part of what was said, within its budget, and begins with the person", () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 30 }), fc.integer({ min: 0, max: 2_000 }), (history: Said[], budget) => {
      const kept = recent(history, budget);
      expect(kept).toEqual(history.slice(history.length - kept.length));
      expect(kept.reduce((sum, { text }) => sum + reserveTokens(text), 0)).toBeLessThanOrEqual(budget);
      expect(["user", undefined]).toContain(kept[0]?.role);
    }),
  );
});

test("a budget larger than the history drops nothing", () => {
  const history: Said[] = [
    { role: "user", text: "My name is Timur." },
    { role: "assistant", text: "Hello, Timur!" },
  ];
  expect(recent(history, 1_000)).toEqual(history);
});

test("the shares of a context fit in it, and even a narrow one leaves room for an answer", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 32_768 }),
      fc.integer({ min: 200, max: 2_000 }),
      fc.string({ maxLength: 4_000 }),
      (contextTokens, prefixTokens, question) => {
        const { answerCharsMax, historyTokens } = shareContext({ contextTokens, prefixTokens, question });
        expect(answerCharsMax).toBeGreaterThanOrEqual(400);
        expect(historyTokens).toBeGreaterThanOrEqual(0);
        const used = prefixTokens + reserveTokens(question) + answerCharsMax + historyTokens;
        expect(answerCharsMax === 400 || used <= contextTokens).toBe(true);
      },
    ),
  );
});

test("every code has words in both languages, and other languages get English", () => {
  const texts = ERROR_CODES.map((code) => [
    outcomeText(code, "en"),
    outcomeText(code, "ru-RU"),
    outcomeText(code, "pt-br"),
  ]);
  for (const [english, russian, other] of texts) {
    expect(Object.values(en)).toContain(english);
    expect(Object.values(ru)).toContain(russian);
    expect(other).toBe(english);
  }
});
