import { expect, test } from "vitest";
import { languageOf, translator } from "./texts.ts";

test("a count takes the form its language has for it, and figures stand in their places", () => {
  const [en, ru] = [translator("en"), translator("ru")];
  expect([1, 2].map((count) => en("app.chat.steps", { count }))).toEqual(["1 step", "2 steps"]);
  const counted = [1, 3, 5, 21].map((count) => ru("app.chat.steps", { count }));
  expect(counted).toEqual(["1 шаг", "3 шага", "5 шагов", "21 шаг"]);
  expect(en("app.chat.version", { now: 2, all: 3 })).toBe("Version 2 of 3");
});

test("what is filled in is never read as a text with places of its own", () => {
  expect(translator("en")("live.tool", { tool: "{{count}} $1 $&" })).toBe("Using {{count}} $1 $&…");
});

test("a language we do not speak is answered in English", () => {
  expect([languageOf("ru-RU"), languageOf("de"), languageOf(undefined)]).toEqual(["ru", "en", "en"]);
});
