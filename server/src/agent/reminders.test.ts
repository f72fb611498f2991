import { expect, test } from "vitest";
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { turnsOf } from "./conversation.ts";
import { openingOf, resultReminder, withReminders } from "./reminders.ts";

const LATER = { isFirst: false };
const FIRST = { isFirst: true };

test.each([
  ["Weather in Berlin today?", /no live weather/],
  ["What is the price of Bitcoin this minute?", /no live weather/],
  ["Какая сегодня погода в Москве?", /о погоде.*Ответь по-русски/],
  ["Who won the football world cup in 2022?", /name nobody/],
  ["Write a function and a table with three rows", /\|---\|/],
  ["Назови три города России списком", /с новой строки/],
  ["Call me a taxi please", /cannot do this/],
  ["Are you ChatGPT?", /StarAI and no other/],
  ["Ты ChatGPT?", /никто другой.*Ответь по-русски/],
])("%s is asked with a reminder", (message, note) => {
  expect(withReminders(message, LATER)).toMatch(note);
  expect(withReminders(message, LATER).startsWith(message)).toBe(true);
});

test.each([
  "What time is it in Tokyo?",
  "What does a jacket of $80 with 25% off cost me?",
  "Who wrote Romeo and Juliet?",
  "Who won the Second World War?",
  "How do I order a list in Python?",
  "Book recommendations please",
  "Which table fits a small kitchen?",
  "Write a poem about the weather today",
  "Translate 'what is the weather today' to Spanish",
  `What does this mean?\n${"word ".repeat(80)} the weather today`,
  "Forwarded, written by News:\n> the weather today",
  "is it true?\n\nAbout this message from News:\n> Bitcoin price now\n> and the forecast",
  "Explain what a graphics card does when it answers me",
])("%s is asked as it is", (message) => {
  expect(withReminders(message, LATER)).toBe(message);
});

test.each([
  ["What was the first question I asked you in this chat?", /no previous message/],
  ["What did we talk about yesterday?", /no previous message/],
  ["What is my name?", /know nothing of me/],
  ["Как меня зовут?", /ничего не знаешь/],
])("%s is told that nothing was said before, where it begins the conversation", (message, note) => {
  expect(withReminders(message, FIRST)).toMatch(note);
  expect(withReminders(message, LATER)).not.toMatch(note);
});

test.each(["My name is Ann", "What happened yesterday in 1914?", "Who was the first person you can name?"])(
  "%s says nothing of what was said before",
  (message) => expect(withReminders(message, FIRST)).toBe(message),
);

test.each(["Который час в Токио?", "Сколько будет 15% от 2480?", "Почему?\n\n(Style: as briefly as possible)"])(
  "the answer to %s begins in Cyrillic",
  (question) => expect(openingOf(question)).toEqual({ opening: "cyrillic" }),
);

test.each([
  "What time is it in Tokyo?",
  "Переведи на английский: «Я люблю тебя»",
  "Как будет кошка по-немецки?",
  "Что такое API?",
  "Почему?\n\n(Always answer in English)",
  "15 + 3",
])("the answer to %s begins as it likes", (question) => expect(openingOf(question)).toEqual({}));

test.each([
  ["Поставь будильник на 7 утра", "Ответь по-русски, что не можешь этого сделать, потому что умеешь только писать."],
  [
    "Посмотри на фото и составь таблицу цветов",
    "Пиши таблицу знаками | между ячейками и строкой |---|---| под заголовком. Ответь по-русски, что не видишь картинок и не слышишь звука, а читаешь только текст.",
  ],
])("%s is asked with what to say and the language in one sentence, the last", (message, note) =>
  expect(withReminders(message, LATER)).toBe(`${message}\n\n(${note})`),
);

test("a Russian question that names a language is told what to say without one", () =>
  expect(withReminders("Отправь письмо на английском", LATER)).toMatch(/\(Скажи, что не можешь этого сделать/));

test("a Russian question and what a tool found for it ask for a Russian answer, a translation and an English one do not", () => {
  expect(withReminders("Который час в Токио?", LATER)).toBe("Который час в Токио?\n\n(Ответь по-русски.)");
  expect(withReminders("Какая столица Китая?", LATER)).toMatch(/по-русски/);
  expect(withReminders("Почему?\n\n(Style: as briefly as possible, with words a child knows)", LATER)).toMatch(
    /по-русски/,
  );
  expect(resultReminder("Который час в Токио?")).toBe("\n(Ответь по-русски.)");
  for (const message of ["Переведи на английский: «Я люблю тебя»", "What does «да» mean?", "hi"])
    expect(resultReminder(message)).toBe("");
});

test("the reminder stands outside the result's mark, by the newest question", () => {
  const turns = turnsOf([
    new HumanMessage("hi"),
    new AIMessage("hello"),
    new HumanMessage("Который час в Токио?"),
    new ToolMessage({ tool_call_id: "1", name: "current_time", content: "Tokyo: 23:05" }),
  ]);
  expect(turns.map(({ content }) => content)).toEqual([
    "hi",
    expect.stringContaining("hello"),
    "Который час в Токио?\n\n(Ответь по-русски.)",
    '<result tool="current_time">Tokyo: 23:05</result>\n(Ответь по-русски.)',
  ]);
});
