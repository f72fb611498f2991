/**
 * Adds reminders to the question, without which a small model forgets what it cannot know or do, the requested form and
 * the language. The system text says the same, but the nearest text weighs most. A reminder depends only on the message
 * and on whether it is the first, so an earlier message reads the same in every later run and stays in the prefix cache.
 */
import { IN_RUSSIAN } from "./language-names.ts";

interface Reminder {
  about: RegExp;
  /** Whether writing tasks (`OF_WORDS`) get no such reminder: a poem about the weather needs no live weather. */
  asksForFacts: boolean;
  en: string;
  ru: string | WhatToSay;
}

/**
 * What the answer should say, as a clause after "answer that". A small model tends to repeat a Russian reminder as its
 * answer ("You cannot do this: say so. Answer in Russian."); a reminder in this form is an answer even when repeated.
 */
interface WhatToSay {
  that: string;
}

const REMINDERS: readonly Reminder[] = [
  {
    asksForFacts: true,
    about:
      /\bweather\b|\bforecast\b|\bnews\b|\bheadlines\b|погод|прогноз|новост|\b(?:price|cost|rate|worth)s?\b.*\b(?:now|today|currently|minute)\b|(?:цен[аы]|сколько стоит|курс).*(?:сейчас|сегодня)|(?:сейчас|сегодня).*(?:цен[аы]|стоит|курс)|курс (?:доллара|евро|юаня|биткоина)/iu,
    en: "You have no live weather, news, prices or rates and no tool for them: say that you cannot know it.",
    ru: "У тебя нет данных о погоде, новостях, ценах и курсах: скажи, что не можешь этого знать.",
  },
  {
    asksForFacts: true,
    about:
      /\bwho (?:won|is winning)\b.*\b(?:cup|championship|election|league|20\d\d)\b|\bwho is the (?:current )?(?:president|prime minister|king|ceo)\b|кто (?:выиграл|победил).*(?:чемпионат|кубок|выбор|20\d\d)|кто (?:сейчас )?президент/iu,
    en: "You cannot look up results and offices: say that you are not sure, and name nobody.",
    ru: "Ты не можешь проверить результаты и должности: скажи, что не знаешь точно, и никого не называй.",
  },
  {
    asksForFacts: true,
    about:
      /\b(?:look at|see|watch|listen to|read)\b.*\b(?:photo|picture|image|video|voice|screenshot)s?\b|(?:посмотр|увид|вид(?:ишь|еть)|послуша|распозна).*(?:фото|картин|изображ|видео|голос|скрин)/iu,
    en: "You can read text only, no pictures and no sound: say so.",
    ru: { that: "не видишь картинок и не слышишь звука, а читаешь только текст" },
  },
  {
    asksForFacts: true,
    about:
      /^(?:(?:please|can you|could you|hey|hi)[, ]+)*(?:(?:send|call|phone|book|buy|order|remind|post) (?:me|us|an?|my|it|him|her|on|in)\b|set an? (?:alarm|timer|reminder)\b)|^(?:пожалуйста,? )?(?:отправь|позвони|забронируй|купи|закажи|вызови|напомни|(?:поставь|установи|заведи) (?:будильник|таймер))/iu,
    en: "You cannot do this, you can only write: say so.",
    ru: { that: "не можешь этого сделать, потому что умеешь только писать" },
  },
  {
    asksForFacts: true,
    about:
      /\b(?:are|aren't) you (?:really |actually )?(?:an? )?(?:chat ?gpt|gpt|openai|claude|anthropic|gemini|google|bard|copilot|llama|qwen|siri|alexa)|(?<!\p{L})ты (?:же )?(?:это )?(?:chat ?gpt|чат ?gpt|чат ?гпт|гпт|gpt|claude|gemini|сири|алиса|гигачат|llama|qwen)/iu,
    en: "You are StarAI and no other: say no, and who you are.",
    ru: "Ты StarAI и никто другой: скажи нет и кто ты.",
  },
  {
    asksForFacts: false,
    about: /\b(?:as|in|and|with|write|make|draw|give me) an? (?:\w+ )?table\b|\btable (?:of|with|comparing)\b|таблиц/iu,
    en: "Write the table with | between the cells and a line |---|---| under its head.",
    ru: "Пиши таблицу знаками | между ячейками и строкой |---|---| под заголовком.",
  },
  {
    asksForFacts: false,
    about: /\b(?:as|in|with) an? (?:numbered |bulleted |bullet )?list\b|\bbullet points\b|списком/iu,
    en: "Write each item of the list on a line of its own.",
    ru: "Пиши каждый пункт списка с новой строки, с номером.",
  },
];

/** Questions about an earlier conversation. Where there is none, models retold the examples as if they were one. */
const OF_THE_PAST =
  /\b(?:i|we|you)\b.*\b(?:ask|asked|say|said|tell|told|talk|talked|discuss|discussed|wrote|mention|mentioned)\b.*\b(?:first|before|last|yesterday|earlier|previously|ago)\b|\b(?:first|last|previous|earlier|yesterday).*\b(?:i|we|you) (?:ask|asked|said|told|talked|discussed|wrote|mentioned)\b|\b(?:what(?:'s| is) my name|who am i|do you (?:remember|know) me)\b|(?:спросил|говорил|сказал|обсуждал|писал|рассказывал).*(?:перв|вчера|раньше|до этого|прошл|последн)|(?:перв|вчера|раньше|прошл|последн).*(?:спросил|говорил|сказал|обсуждал|писал|рассказывал)|как меня зовут|кто я(?!\p{L})|помнишь меня/iu;
const NOTHING_BEFORE = {
  en: "There is no previous message: the first question is this one. Say so, and that you know nothing of me.",
  ru: "До этого сообщения ничего не говорили, и о человеке ты ничего не знаешь: скажи об этом.",
};

/** Requests that name a language: a translation is not written in the language of its request. */
const OF_LANGUAGES = new RegExp(String.raw`перев[её]д|перевод|(?<!\p{L})(?:по[- ]|на )(?:${IN_RUSSIAN})|english`, "iu");

/** Tasks to write or rewrite a text, whatever its topic. */
const OF_WORDS =
  /^\W*(?:please )?(?:translate|summar|correct|write|tell me a|explain)|^\P{L}*(?:переве|исправь|перескажи|напиши|сочини|объясни|расскажи)/iu;

/**
 * The part of a message that reminders are for: the request, without quotes of others (lines with > under a line that
 * names them), pasted text below it, or the wished style.
 */
const LOOKED_AT_CHARS = 300;
const QUOTED = /^.*:\n(?:>.*(?:\n|$))+/gmu;
const asked = (message: string) => (message.replace(QUOTED, "").split("\n\n(", 1)[0] ?? "").slice(0, LOOKED_AT_CHARS);

/** The message followed by its reminders, or unchanged if it needs none; `isFirst`: it begins its conversation. */
export function withReminders(message: string, { isFirst }: { isFirst: boolean }): string {
  const question = asked(message);
  const language = isRussian(question) ? "ru" : "en";
  const notes = REMINDERS.filter(
    ({ about, asksForFacts }) => about.test(question) && !(asksForFacts && OF_WORDS.test(question)),
  ).map((reminder) => reminder[language]);
  if (isFirst && OF_THE_PAST.test(question) && !OF_WORDS.test(question)) notes.push(NOTHING_BEFORE[language]);
  const reminders = joinNotes(notes, languageNote(question));
  return reminders.length === 0 ? message : `${message}\n\n(${reminders.join(" ")})`;
}

/** Joins what to say and the language into one sentence: a language note alone at the end was repeated in the answer. */
function joinNotes(notes: readonly (string | WhatToSay)[], language: readonly string[]): string[] {
  const plain = notes.filter((note) => typeof note === "string");
  const said = notes.flatMap((note) => (typeof note === "string" ? [] : [note.that]));
  if (said.length === 0) return [...plain, ...language];
  const verb = language.length === 0 ? "Скажи" : "Ответь по-русски";
  return [...plain, `${verb}, что ${said.join(", и что ")}.`];
}

/** Tool results are in English; without a reminder, the answer to a Russian question would be, too. */
export function resultReminder(question: string): string {
  const [note] = languageNote(asked(question));
  return note === undefined ? "" : `\n(${note})`;
}

/**
 * The script an answer must begin in, where the question leaves no doubt. A grammar, because a small model forgets a
 * reminder after reading an English result. A question with Latin letters in it may ask for them.
 */
export function openingOf(question: string): { opening?: "cyrillic" } {
  const inRussian = isRussian(asked(question)) && !/[a-z]/iu.test(asked(question)) && !OF_LANGUAGES.test(question);
  return inRussian ? { opening: "cyrillic" } : {};
}

/** Decides by most words, the first on a tie: an English question may quote Russian, a Russian one name a product. */
function isRussian(message: string): boolean {
  const words = message.match(/[a-zа-яё]+/giu) ?? [];
  const cyrillic = words.filter((word) => /[а-яё]/iu.test(word)).length;
  return cyrillic * 2 > words.length || (cyrillic * 2 === words.length && /^[а-яё]/iu.test(words[0] ?? ""));
}

const languageNote = (message: string) =>
  isRussian(message) && !OF_LANGUAGES.test(message) ? ["Ответь по-русски."] : [];
