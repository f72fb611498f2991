import { expect, test } from "vitest";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { namedKeys, onlyUsed, sourcesOfTheApp } from "./split-texts.ts";

const named = namedKeys(sourcesOfTheApp());

test("the app keeps each text it names, each that a key made of parts may name, and every plural of it", () => {
  const kept = onlyUsed(ru, named);
  for (const key of ["wallet.title", "wallet.terms.stars_text", "persona.plain.name", "app.signed_out.revoked"])
    expect(kept).toHaveProperty([key]);
  for (const form of ["one", "few", "many", "other"]) expect(kept).toHaveProperty([`app.chat.steps_${form}`]);
});

test("the app loses no text of its own prefixes, and carries none that only the bot says", () => {
  const kept = Object.keys(onlyUsed(en, named));
  const unused = Object.keys(en).filter((key) => !kept.includes(key));
  expect(unused.filter((key) => /^(app|wallet)\./.test(key))).toEqual([]);
  expect(unused).toContain("help.text");
  expect(kept.length).toBeGreaterThan(300);
});
