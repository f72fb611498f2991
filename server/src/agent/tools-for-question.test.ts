import { expect, test } from "vitest";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import { stepSchema } from "./step-format.ts";
import { toolsForQuestion } from "./tools-for-question.ts";
import { agentTools, offered } from "./tools/agent-tools.ts";
import type { ToolParts } from "./tools/agent-tools.ts";

const PARTS = { clock: () => 0, config: { webReader: false } } as unknown as ToolParts;
const ALL = agentTools(PARTS, 9).map(offered);
const namesFor = (question: string, before = "") =>
  toolsForQuestion(ALL, question, `${before}\n${question}`).map(({ name }) => name);

test.each([
  "Translate 'see you at 5 pm' into German",
  "please translate this to Russian: the meeting costs 20% more",
  "How do I say 'Where is the station?' in French?",
  "Переведи на английский: «Я люблю тебя»",
  "переведите текст с немецкого",
  "Как будет «кошка» по-немецки?",
])("%s is offered no tool", (question) => expect(namesFor(question)).toEqual([]));

test.each([
  "Переведи 70 миль в километры",
  "translate 5 miles into km",
  "What time is it in Berlin?",
  "How far is it to the Russian border?",
  "Назови три города России списком",
])("%s is offered tools, the pool's status not among them", (question) =>
  expect(namesFor(question)).toEqual(["calculator", "convert_units", "current_time", "dates"]),
);

test.each(["How many machines are online?", "На чём ты работаешь?", "Сколько видеокарт сейчас помогает?"])(
  "%s may ask the pool",
  (question) => expect(namesFor(question)).toContain("pool_status"),
);

test("earlier messages count, because a follow-up question may be short", () => {
  expect(namesFor("and now?", "Which models are online?")).toContain("pool_status");
});

const asked = (query: string) => ({ thought: "", action: { current_time: { query } } });

const validatorFor = (question: string) =>
  compileConstraint(stepSchema(toolsForQuestion(ALL, question, question), { thoughtCharsMax: 20, answerCharsMax: 50 }))
    .validate;

test("the clock's query begins with a letter where nobody named an hour, and may begin with the hour where one did", () => {
  expect(validatorFor("What time is it in Tokyo?")(asked("Tokyo"))).toBeNull();
  expect(validatorFor("What time is it in Tokyo?")(asked("UTC+3"))).toBeNull();
  expect(validatorFor("What time is it in Tokyo?")(asked("8 pm Tokyo to Seoul"))).not.toBeNull();
  expect(validatorFor("When it is 8 pm in Rome, what time is it in Seoul?")(asked("8 pm Rome to Seoul"))).toBeNull();
});
