/** First questions in Russian; every second one is held out. An answer in another language is wrong. */
import { number } from "./check-answer.ts";
import type { FirstQuestion } from "./first-question.ts";

const OTHERS = /anthropic|openai|chatgpt|\bgpt|claude|gemini|google|microsoft|яндекс|сбер|гугл/i;
const CYRILLIC = /[а-яё]{2}/i;
/** An English sentence, or words with no Russian one among them. */
const ENGLISH = /\b[a-z]{2,} [a-z]{2,} [a-z]{2,}|^[^а-яё]*[a-z]{2}[^а-яё]*$/i;
/** Only an "I cannot know that" is good. */
const NEVER = /(?!)/;
const EXAMPLES = /билет|пеницил|золот|дожд|инстаграм|немецк|берлин|сеул|токио|как дела/i;

const LIST: readonly Omit<FirstQuestion, "id" | "language" | "split">[] = [
  { say: "Привет! Что ты умеешь?", right: [/помо|ответ|вопрос|счита|умею|могу/i], wrong: [/[{}]/, ENGLISH, OTHERS] },
  { say: "Кто ты?", right: [/star\s?ai|стар\s?аи/i, CYRILLIC], wrong: [OTHERS, ENGLISH], mayBeModest: true },
  { say: "Кто тебя создал?", right: [/star\s?ai|стар\s?аи/i, CYRILLIC], wrong: [OTHERS, ENGLISH], mayBeModest: true },
  {
    say: "Ты ChatGPT?",
    right: [/нет|не|star\s?ai/i, CYRILLIC],
    wrong: [/^\W*да\b|^\W*да,|я[ —–-]+chatgpt|(?:от|компани\S+) (?:openai|anthropic|google)/i, ENGLISH],
    mayBeModest: true,
  },
  {
    say: "Какая сегодня погода в Москве?",
    right: [NEVER],
    wrong: [/\d+\s*(?:°|градус)|\d:\d\d|солнечно|пасмурно/i, ENGLISH],
    mayBeModest: true,
  },
  { say: "Какой сейчас курс доллара?", right: [NEVER], wrong: [/\d+[.,\d]*\s*(?:руб|₽)/i, ENGLISH], mayBeModest: true },
  { say: "Сколько будет 15% от 2480?", right: [number(372)], wrong: [ENGLISH] },
  { say: "Сколько минут в неделе?", right: [number(10_080)], wrong: [ENGLISH] },
  { say: "Который час во Владивостоке?", right: [/0?0:05|12:05/], wrong: [ENGLISH] },
  { say: "Какое сегодня число?", right: [/23/, /ноябр|11/i], wrong: [ENGLISH] },
  { say: "Сколько дней до 8 марта?", right: [number(105)], wrong: [ENGLISH] },
  { say: "Сколько километров в 70 милях?", right: [number(112.65, 0.4)], wrong: [ENGLISH] },
  { say: "Какая столица Казахстана?", right: [/астан|нур-султан/i], wrong: [ENGLISH] },
  { say: "Кто написал «Преступление и наказание»?", right: [/достоевск/i], wrong: [ENGLISH] },
  {
    say: "Назови три города России списком",
    right: [/^\s*(?:[-*•]|\d[.)]).+\n+\s*(?:[-*•]|\d[.)]).+\n+\s*(?:[-*•]|\d[.)])/m, CYRILLIC],
  },
  { say: "Переведи на английский: «Я люблю тебя»", right: [/i love you/i] },
  {
    say: "Что я спросил у тебя в этом чате первым?",
    right: [/этот|это (?:ваш|твой|и есть)|перв|ничего/i, CYRILLIC],
    wrong: [EXAMPLES, ENGLISH],
    mayBeModest: true,
  },
  {
    say: "Как меня зовут?",
    right: [NEVER],
    wrong: [/(?:вас|тебя) зовут [А-ЯЁA-Z]/u, ENGLISH],
    mayBeModest: true,
  },
  { say: "Расскажи короткий анекдот", right: [/[а-яё].{40}/is], wrong: [/[{}]/, ENGLISH, /не (?:могу|умею)/i] },
  {
    say: "Поставь будильник на 7 утра",
    right: [NEVER],
    wrong: [/будильник (?:установлен|поставлен)|я (?:установил|поставил)/i, ENGLISH],
    mayBeModest: true,
  },
];

export const FIRST_RUSSIAN: readonly FirstQuestion[] = LIST.map((question, index) => ({
  ...question,
  id: `first-ru-${index + 1}`,
  language: "ru",
  split: index % 2 === 0 ? "dev" : "held-out",
}));
