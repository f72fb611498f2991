/** The app's own suggestions, read from its texts: a new one without a check fails the tests. */
import en from "@starai/protocol/locales/en.json" with { type: "json" };
import ru from "@starai/protocol/locales/ru.json" with { type: "json" };
import { number } from "./check-answer.ts";
import type { Expectation } from "./check-answer.ts";
import type { FirstQuestion } from "./first-question.ts";

export const SUGGESTION = "app.chat.suggestion.";

interface Check {
  right: readonly Expectation[];
  wrong?: readonly RegExp[];
}

const IN_ENGLISH: Record<string, Check> = {
  count: { right: [number(372)] },
  explain: { right: [/comput|calculat|process|parallel|number|model/i, /.{60}/s], wrong: [/can(?:'|no)t|unable/i] },
  time: { right: [/23:05|11:05\s*p\.?m/i] },
  write: { right: [/birthday/i], wrong: [/can(?:'|no)t|unable/i] },
};

const IN_RUSSIAN: Record<string, Check> = {
  count: { right: [number(372)], wrong: [/^[^а-яё]*[a-z]{2}[^а-яё]*$/i] },
  explain: { right: [/вычисл|обрабат|счита|чис[ле]|модел|парал/i, /[а-яё].{60}/is], wrong: [/не (?:могу|умею)/i] },
  time: { right: [/23:05|11:05/], wrong: [/^[^а-яё]*[a-z]{2}[^а-яё]*$/i] },
  write: { right: [/рожд/i, /[а-яё]{3}/i], wrong: [/не (?:могу|умею)/i] },
};

const chipsOf = (language: "en" | "ru", texts: Record<string, string>, checks: Record<string, Check>) =>
  Object.entries(texts).flatMap(([key, say]): FirstQuestion[] => {
    const name = key.startsWith(SUGGESTION) ? key.slice(SUGGESTION.length) : null;
    const check = name === null ? undefined : checks[name];
    return check === undefined ? [] : [{ id: `chip-${language}-${name}`, language, split: "chip", say, ...check }];
  });

export const CHIPS: readonly FirstQuestion[] = [...chipsOf("en", en, IN_ENGLISH), ...chipsOf("ru", ru, IN_RUSSIAN)];
