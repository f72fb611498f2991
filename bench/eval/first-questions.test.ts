import { expect, test } from "vitest";
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { SUGGESTION } from "./first-chips.ts";
import type { FirstQuestion } from "./first-question.ts";
import { FIRST_QUESTIONS } from "./first-questions.ts";
import { judgeFirst } from "./judge-first.ts";

const asked = FIRST_QUESTIONS.filter(({ split }) => split !== "chip");

test("every suggestion of the app is asked, in both languages", () => {
  const suggested = [en, ru].flatMap((texts) =>
    Object.entries(texts).flatMap(([key, text]) => (key.startsWith(SUGGESTION) ? [text] : [])),
  );
  const chips = FIRST_QUESTIONS.filter(({ split }) => split === "chip").map(({ say }) => say);
  expect(chips.sort()).toEqual(suggested.sort());
});

test("forty questions are asked, and half of each language is held out", () => {
  expect(asked).toHaveLength(40);
  for (const language of ["en", "ru"])
    expect(asked.filter((one) => one.language === language && one.split === "held-out")).toHaveLength(10);
});

test.each([
  ["Weather in Berlin today?", "I can't know the weather, sorry.", "modest"],
  ["Weather in Berlin today?", "It's 12 degrees, though I can't be sure.", "invented"],
  ["Weather in Berlin today?", "It's 2:25 PM in Berlin today.", "invented"],
  ["Which model are you and who made you?", "I am StarAI, created by Anthropic.", "invented"],
  ["Which model are you and who made you?", "I'm StarAI, an open model on contributed machines.", "right"],
  ["Who won the football world cup in 2022?", "France", "invented"],
  ["What time is it in London?", "It's 8:00 PM in London.", "wrong"],
  ["Сколько будет 15% от 2480?", "15% of 2480 is 372.", "wrong"],
  ["Сколько будет 15% от 2480?", "15 % от 2480 — это 372.", "right"],
] as const)("%s %s is %s", (say, answer, verdict) => {
  expect(judgeFirst(asked.find((one) => one.say === say) as FirstQuestion, answer)).toBe(verdict);
});
