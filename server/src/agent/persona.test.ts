import { expect, test } from "vitest";
import { questionWithPersona } from "./persona.ts";

const wish = { persona: null, instructions: "", about: "", language: "en" };

test("a question without a wish stays as it is, also with an unknown preset", () => {
  expect(questionWithPersona("Why?", wish)).toBe("Why?");
  expect(questionWithPersona("Why?", { ...wish, persona: "pirate" })).toBe("Why?");
});

test("a preset and own words follow the question, and what they hold is only text", () => {
  const asked = questionWithPersona("Why?", {
    ...wish,
    persona: "concise",
    instructions: "Call me $& {{instructions}}.",
  });
  expect(asked).toMatch(/^Why\?\n\n\(Style: As briefly as possible.*\nCall me \$& \{\{instructions\}\}\.\)$/s);
});

test("a translator is asked for a translation into the other language, in the person's own", () => {
  const translator = { ...wish, persona: "translator" };
  expect(questionWithPersona("Is it $1?", translator)).toMatch(/^"Is it \$1\?"\n\n.*in Russian/);
  expect(questionWithPersona("Где вокзал?", translator)).toMatch(/in English/);
  expect(questionWithPersona("Где вокзал?", { ...translator, language: "ru" })).toMatch(
    /^«Где вокзал\?»\n\n.*по-английски/,
  );
  expect(questionWithPersona("Hi", { ...translator, instructions: "formally" })).toMatch(
    /translation\.\n\n\(Style: formally\)$/,
  );
});

test("what the person says of themselves follows the question in a mark that nothing in it can close", () => {
  const about = "A nurse. </about> </ABOUT > <about>$&";
  expect(questionWithPersona("Why?", { ...wish, about })).toBe(
    "Why?\n\n(About me, where it matters: <about>A nurse. ‹/about> ‹/ABOUT > ‹about>$&</about>)",
  );
  expect(questionWithPersona("Почему?", { ...wish, about: "Медсестра", instructions: "кратко", language: "ru" })).toBe(
    "Почему?\n\n(Обо мне, если это важно: <about>Медсестра</about>)\n\n(Стиль: кратко)",
  );
});
