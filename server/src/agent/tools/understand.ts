/**
 * Answers a question about time, days, units or numbers even if it was sent to the wrong tool: small models choose the
 * right words more often than the right tool, and turn an error into a wrong answer.
 */
import { calculate } from "./calculator/calculate.ts";
import { convert } from "./units/convert.ts";
import type { Day } from "./time/read-date.ts";
import { tellDate } from "./time/tell-date.ts";
import { tellTime } from "./time/tell-time.ts";
import { ToolAdvice } from "./tool-advice.ts";
import { wallTimeAt } from "./time/zoned-time.ts";

export type Reader = "sum" | "conversion" | "day" | "clock";

const READERS: Readonly<Record<Reader, (text: string, now: { ms: number; today: Day }) => string>> = {
  sum: (text) =>
    calculate(text)
      .map(({ name, source, value }) => `${name ?? source} = ${value}`)
      .join("; "),
  conversion: (text, { ms }) => convert(text, ms),
  day: (text, { today }) => tellDate(text, today),
  clock: (text, { ms }) => (/\d/u.test(text) ? toldOrTranslated(text, ms) : tellTime(lastPlace(text), ms)),
};

/** Counts days from today in UTC, because a person's time zone is unknown. @throws the first reader's ToolAdvice */
export function understand(text: string, first: Reader, nowMs: number): string {
  const plain = withoutBraces(text);
  const now = { ms: nowMs, today: wallTimeAt(nowMs, "UTC") };
  let advice: ToolAdvice | null = null;
  for (const reader of [first, ...(["conversion", "day", "clock", "sum"] as const).filter((one) => one !== first)]) {
    try {
      return READERS[reader](plain, now);
    } catch (error) {
      if (!(error instanceof ToolAdvice)) throw error;
      advice ??= error;
    }
  }
  throw advice ?? new ToolAdvice("there is nothing to read");
}

/** A small model that forgets a closing quote writes its step's braces into the text; no question has any. */
function withoutBraces(text: string): string {
  return text.replace(/["'`]?\s*[{}][\s\S]*$/u, "").trim() || text;
}

/** `UTC+3` is a place with a digit in it, `3 pm London to Tokyo` a time to convert. */
function toldOrTranslated(text: string, nowMs: number): string {
  try {
    return tellTime(text, nowMs);
  } catch (error) {
    if (error instanceof ToolAdvice) return convert(text, nowMs);
    throw error;
  }
}

/** `is it evening in Sydney?`: the place comes last. */
function lastPlace(text: string): string {
  return text.replace(/^.*(?<!\S)(?:in|at|to|во?)\s+(?=\S)/iu, "").replace(/[\s?!.]+$/u, "");
}
