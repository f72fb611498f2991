import { describe, expect, test } from "vitest";
import en from "./locales/en.json" with { type: "json" };
import ru from "./locales/ru.json" with { type: "json" };
import { isTextKey, languageOf, translator } from "./texts.ts";

type Catalogue = Record<string, string>;
const ANSWERS_TO_TAPS = [
  "persona.chosen",
  "button.stale",
  "button.cannot_continue",
  "model.gone",
  "keys.made_already",
  "keys.too_many",
  "keys.nobody",
  "keys.revoked",
  "keys.gone",
  "caps.saved",
  "notice.change_cancelled",
  "notice.change_too_late",
  "notice.payout_cancelled",
  "notice.payout_too_late",
  "chat.failed",
  "chat.unreachable",
];
const PLURAL = /_(?:zero|one|two|few|many|other)$/;

function keysOf(catalogue: Catalogue): string[] {
  return [...new Set(Object.keys(catalogue).map((key) => key.replace(PLURAL, "")))].sort();
}

function placeholders(text: string): string[] {
  return [...new Set(text.match(/\{\{\w+\}\}/g))].sort();
}

function missingForms(catalogue: Catalogue, language: string): string[] {
  const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return keysOf(catalogue)
    .filter((key) => `${key}_other` in catalogue)
    .flatMap((key) => needed.map((form) => `${key}_${form}`))
    .filter((key) => catalogue[key] === undefined);
}

/** The longest a text may be, by its use. */
function charsMax(key: string): number {
  if (key.startsWith("command.")) return 256;
  if (key === "bot.short_description") return 120;
  if (key === "bot.description") return 512;
  return ANSWERS_TO_TAPS.includes(key) ? 200 : 4_096;
}

describe("the catalogues", () => {
  test("say the same things in both languages", () => {
    expect(keysOf(en).length).toBeGreaterThan(30);
    expect(keysOf(ru)).toEqual(keysOf(en));
  });

  test("have the plural forms their language needs", () => {
    expect(missingForms(en, "en")).toEqual([]);
    expect(missingForms(ru, "ru")).toEqual([]);
  });

  test("name the same placeholders in every form", () => {
    for (const catalogue of [en, ru] as Catalogue[])
      for (const [key, text] of Object.entries(catalogue)) {
        const base = key.replace(PLURAL, "");
        const original = (en as Catalogue)[base] ?? (en as Catalogue)[`${base}_other`] ?? "";
        expect({ key, names: placeholders(text) }).toEqual({ key, names: placeholders(original) });
      }
  });

  test("fit what Telegram takes: commands 256, descriptions 512 and 120 characters, answers to taps 200", () => {
    for (const catalogue of [en, ru] as Catalogue[])
      expect(Object.entries(catalogue).filter(([key, text]) => text.length > charsMax(key))).toEqual([]);
  });
});

test("a text is spoken in the person's language, with its numbers in the right form", () => {
  const values = { seconds: "1.8", model: "M" };
  expect(translator("en")("button.steps", { count: 1, ...values })).toBe("1 step · 1.8 s · M");
  const counted = [1, 3, 5, 21].map((count) => translator("ru")("button.steps", { count, ...values }));
  expect(counted).toEqual(["1 шаг", "3 шага", "5 шагов", "21 шаг"].map((steps) => `${steps} · 1.8 с · M`));
  expect(translator("en")("app.chat.version", { now: 2, all: 3 })).toBe("Version 2 of 3");
});

test("a filled-in value is never read for placeholders, and a placeholder without a value stays", () => {
  expect(translator("en")("live.tool", { tool: "{{count}} $1 $&" })).toBe("Using {{count}} $1 $&…");
  expect(translator("en")("live.tool")).toBe("Using {{tool}}…");
});

test("a key built from outside data is recognised as a text's key or not", () => {
  expect(["outcome.deadline", "outcome.nonsense", "toString", "__proto__"].map(isTextKey)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("a person's language is Russian for ru, English for everything else and nothing", () => {
  expect(languageOf("ru")).toBe("ru");
  expect(languageOf("ru-RU")).toBe("ru");
  for (const code of ["en", "de", "pt-br", "", undefined]) expect(languageOf(code)).toBe("en");
});
