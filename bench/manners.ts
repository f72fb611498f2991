/** Checks, on a real pool and worker, that answers have the requested form and are right: code, and each persona. */
import os from "node:os";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import type { Persona } from "@starai/protocol/personas";
import { agentDesign } from "./eval/design-agent.ts";
import { number, satisfies } from "./eval/check-answer.ts";
import type { Expectation } from "./eval/check-answer.ts";
import { openEvalStack } from "./eval/eval-stack.ts";

interface Scene {
  persona: Persona | null;
  language: "en" | "ru";
  say: string;
  right: readonly Expectation[];
}

const RUSSIAN_ONLY = /^[^a-z]*[а-яё][^a-z]*$/isu;
const ENGLISH_ONLY = /^[^а-яё]*[a-z][^а-яё]*$/isu;
const SHORT = /^.{1,120}$/su;

const SCENES: readonly Scene[] = [
  { persona: null, language: "en", say: "Reverse a string in Python", right: [/```/, /\[::-1\]|reversed/] },
  { persona: null, language: "en", say: "a SQL query for the ten newest orders", right: [/```/, /order by .* desc/i] },
  { persona: null, language: "en", say: "Write a bash loop over all .txt files", right: [/```/, /for \w+ in/] },
  { persona: null, language: "ru", say: "Функция на Python, которая считает факториал", right: [/```/, /def \w+/] },
  { persona: "concise", language: "en", say: "Why is the sky blue?", right: [SHORT, /light|scatter/i] },
  { persona: "concise", language: "en", say: "What is 347 * 28?", right: [SHORT, number(9716)] },
  { persona: "concise", language: "ru", say: "Что такое фотосинтез?", right: [SHORT, /свет|растени/i] },
  { persona: "teacher", language: "en", say: "What is a prime number?", right: [/divi/i, /example|\b(5|7|11)\b/i] },
  { persona: "teacher", language: "en", say: "Why do we have seasons?", right: [/tilt|axis|sun/i, /example/i] },
  { persona: "translator", language: "en", say: "Good morning, how are you?", right: [RUSSIAN_ONLY, /утр/i] },
  { persona: "translator", language: "en", say: "What is the capital of France?", right: [RUSSIAN_ONLY, /столиц/i] },
  { persona: "translator", language: "en", say: "Где находится вокзал?", right: [ENGLISH_ONLY, /station/i] },
  { persona: "translator", language: "ru", say: "Я люблю читать книги.", right: [ENGLISH_ONLY, /book/i] },
  { persona: "translator", language: "ru", say: "I have 3 cats and 2 dogs.", right: [/кош|кот/i, /собак/i] },
  { persona: "coder", language: "en", say: "Reverse a string in Python", right: [/^\s*```/, /\[::-1\]|reversed/] },
  { persona: "coder", language: "en", say: "Read a file line by line in Node.js", right: [/^\s*```/] },
  {
    persona: "friend",
    language: "en",
    say: "I passed my exam today!",
    right: [/congrat|great|awesome|amazing|proud|yay|way to go/i, /\?/],
  },
  { persona: "friend", language: "ru", say: "Я сегодня устал.", right: [/[а-яё]/i, /\?/] },
];

export async function measureManners(): Promise<string[]> {
  const threads = Math.max(1, Math.min(4, os.availableParallelism()));
  await using stack = await openEvalStack(DEFAULT_MODEL, threads);
  const rows = [];
  for (const { persona, language, say, right } of SCENES) {
    const { answer } = await agentDesign(stack.ctx, language, persona).converse([say]);
    const held = right.every((expectation) => satisfies(answer, expectation));
    rows.push({ persona, held, line: `| ${persona ?? "–"} | ${say} | ${held ? "yes" : "no"} | ${oneLine(answer)} |` });
  }
  return [
    `Model ${DEFAULT_MODEL}, temperature 0: ${rows.filter(({ held }) => held).length} of ${rows.length} answers have the form that was asked for and are right.`,
    "",
    "| persona | said | held | answer |",
    "|---|---|---|---|",
    ...rows.map(({ line }) => line),
  ];
}

const oneLine = (text: string) => text.replaceAll(/\s+/gu, " ").replaceAll("|", "\\|").slice(0, 140);
