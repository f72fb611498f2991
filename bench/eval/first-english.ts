/** First questions in English; every second one is held out. The clock is `EVAL_NOW`: Monday, 23 November 2026. */
import { number } from "./check-answer.ts";
import type { FirstQuestion } from "./first-question.ts";

/** Makers and products that models often claim as their own identity. */
const OTHERS = /anthropic|openai|chatgpt|\bgpt|claude|gemini|google|microsoft|\bmeta\b|deepmind/i;
/** Only an "I cannot know that" is good. */
const NEVER = /(?!)/;
/** A figure of weather or money. */
const DEGREES = /\d+\s*(?:°|degrees|celsius|fahrenheit)/i;
const MONEY = /[$€£]\s?\d|\d[\d,. ]*\s*(?:dollars|usd|euros?|eur)\b/i;
/** Topics of the prompt's own examples, which were never mentioned in the chat. */
const EXAMPLES = /how's it going|ticket|penicillin|gold|rain|instagram|german|morning|berlin|seoul|rome|javascript/i;

const LIST: readonly Omit<FirstQuestion, "id" | "language" | "split">[] = [
  { say: "Hi! What can you do?", right: [/help|answer|calculat|convert|question|assist/i], wrong: [/[{}]/, OTHERS] },
  { say: "Who are you?", right: [/star\s?ai/i], wrong: [OTHERS], mayBeModest: true },
  { say: "Which model are you and who made you?", right: [/star\s?ai/i], wrong: [OTHERS], mayBeModest: true },
  {
    say: "Are you ChatGPT?",
    right: [/\bno\b|not|star\s?ai/i],
    wrong: [/^\W*yes|i(?:'m| am) chatgpt|(?:by|from) (?:openai|anthropic|google|microsoft|meta)/i],
    mayBeModest: true,
  },
  { say: "Weather in Berlin today?", right: [NEVER], wrong: [DEGREES, /\d:\d\d|sunny|cloudy/i], mayBeModest: true },
  { say: "What's in the news today?", right: [NEVER], wrong: [/\bbreaking\b/i], mayBeModest: true },
  {
    say: "Who won the football world cup in 2022?",
    right: [/argentin/i],
    wrong: [/france won|won by france/i],
    mayBeModest: true,
  },
  { say: "How much does a litre of petrol cost right now?", right: [NEVER], wrong: [MONEY], mayBeModest: true },
  { say: "What time is it in London?", right: [/14:05|2:05\s*p\.?m/i] },
  { say: "What time is it in Los Angeles right now?", right: [/0?6:05/], wrong: [/6:05\s*p\.?m/i] },
  { say: "How many days are left until New Year's Day?", right: [number(39)] },
  { say: "If I save $45 a week, how much is that in a year?", right: [/\b2,?340\b/] },
  {
    say: "Write a Python function that reverses a string and a table with three examples",
    right: [/def \w+\(/, /\|.+\|.+\n\s*\|\s*:?-+/],
  },
  { say: "List three healthy breakfasts as a numbered list", right: [/1[.)].+\n+\s*2[.)].+\n+\s*3[.)]/s] },
  {
    say: "What was the first question I asked you in this chat?",
    right: [
      /this (?:is|was|one)|first (?:question|message)|just (?:now|asked)|what was the first|you asked me nothing/i,
    ],
    wrong: [EXAMPLES],
    mayBeModest: true,
  },
  {
    say: "What did we talk about yesterday?",
    right: [/first|new (?:chat|conversation)|nothing|not talk|haven't/i],
    wrong: [EXAMPLES],
    mayBeModest: true,
  },
  { say: "Answer in one word: what is the capital of Canada?", right: [/^\W*ottawa\W*$/i] },
  { say: "How do I say 'Where is the station?' in French?", right: [/o[uù].{0,30}gare/i] },
  {
    say: "Can you look at a photo for me?",
    right: [/\bno\b|only text|text only/i],
    wrong: [/^\W*(?:yes|sure|of course)/i, /(?:send|upload|share|provide).{0,30}(?:photo|image|picture|it)\b/i],
    mayBeModest: true,
  },
  {
    say: "Remind me tomorrow at 9 to call my mum",
    right: [NEVER],
    wrong: [/reminder (?:is |has been )?set|i(?:'ll| will) remind|i(?:'ve| have) set/i],
    mayBeModest: true,
  },
];

export const FIRST_ENGLISH: readonly FirstQuestion[] = LIST.map((question, index) => ({
  ...question,
  id: `first-en-${index + 1}`,
  language: "en",
  split: index % 2 === 0 ? "dev" : "held-out",
}));
