/** Conversions asked in one line: `5'11" to cm`, `350 °F in celsius`, `6 lbs 4 oz → kg`, `100 миль в км`, `3 pm London to Tokyo`. */
import { findPlace } from "../time/places.ts";
import { translateTime } from "../time/tell-time.ts";
import { findUnit } from "./units.ts";
import type { Unit } from "./units.ts";
import { ToolAdvice } from "../tool-advice.ts";

interface Amount {
  value: number;
  unit: Unit;
}

const CHARS_MAX = 200;
/** Words between a value and its wanted unit ("to"); the last one in the text counts. */
const TO = /\s+(?:to|into|in|as|en|в|во|на)(?=\s)|\s*(?:→|->|=>|=)\s*/giu;

/** One line: the value and its conversion. @throws ToolAdvice */
export function convert(query: string, nowMs: number): string {
  const text = tidy(query);
  if (text.length > CHARS_MAX) throw new ToolAdvice("that is too long; write one value, its unit and the wanted unit");
  for (const { before, after } of splits(text)) {
    const time = clockTime(before, after, nowMs);
    if (time !== null) return time;
    const amounts = readAmounts(before);
    if (amounts !== null) return convertAmounts(amounts, after, text);
  }
  throw new ToolAdvice(`"${query}" cannot be converted. Write a value with its unit, then "to" and the wanted unit`);
}

function tidy(query: string): string {
  return query
    .trim()
    .replace(/[?!.]+$/u, "")
    .replace(/^(?:convert|what is|what's|how much is|how many|переведи|сколько будет)\s+/iu, "")
    .replace(/[−–—](?=\d)/gu, "-")
    .replace(/’/gu, "'")
    .replace(/[”“″]|''/gu, '"')
    .replace(/\s+/gu, " ")
    .replace(/^(?:half|half an?|пол(?=\s))(?: an?)? /iu, "0.5 ");
}

/** Every way to cut at a "to" word, the last word first: `6 in to cm` is cut at "to", not at "in". */
function* splits(text: string): Iterable<{ before: string; after: string }> {
  const cuts = [...text.matchAll(TO)].reverse();
  for (const cut of cuts)
    yield { before: text.slice(0, cut.index), after: text.slice(cut.index + cut[0].length).trim() };
}

/** `5 ft 11 in`, `5'11"`, `2 1/2 cups`, `1,500 m`, `1 hour 20 min`. `null` if any part is not an amount. */
function readAmounts(text: string): Amount[] | null {
  const part =
    /^\s*(?:and|и|,)?\s*(?<whole>-?\d+(?:[.,]\d+)*(?![\d/]))?\s*(?<fraction>\d+\/\d+|[½¼¾⅓⅔⅛])?\s*(?<unit>[^\d\s,][^\d,]*?(?:\/100 ?(?:km|км)|[23](?!\d))?)(?=\s*(?:,|and\b|и\s|-?\d|$))/iu;
  const amounts: Amount[] = [];
  let rest = text.replace(/(?<=\d)\s+(?=\d{3}(?!\d))/gu, "");
  while (rest.trim() !== "") {
    const match = part.exec(rest);
    const groups = match?.groups;
    if (match === null || groups === undefined || amounts.length >= 4) return trailingInches(rest, amounts);
    const unit = findUnit(groups.unit ?? "");
    if (unit === null || (groups.whole === undefined && groups.fraction === undefined && amounts.length > 0))
      return null;
    const bare = groups.whole === undefined && groups.fraction === undefined;
    amounts.push({ value: bare ? 1 : readNumber(groups.whole) + readFraction(groups.fraction), unit });
    rest = rest.slice(match[0].length);
  }
  const same = amounts.every(({ unit }) => unit.dimension === amounts[0]?.unit.dimension);
  return amounts.length > 0 && same ? amounts : null;
}

/** `5'11` and `5 foot 11`: a bare number after feet is inches. */
function trailingInches(rest: string, amounts: readonly Amount[]): Amount[] | null {
  const inches = findUnit("inch");
  const number = /^\s*(\d+(?:\.\d+)?)\s*$/u.exec(rest);
  if (number === null || inches === null || amounts.at(-1)?.unit.symbol !== "ft") return null;
  return [...amounts, { value: Number(number[1]), unit: inches }];
}

function readNumber(text: string | undefined): number {
  if (text === undefined) return 0;
  const plain = text
    .replace(/\s/gu, "")
    .replace(/,(?=\d{3}(?:\D|$))/gu, "")
    .replace(",", ".");
  return Number(plain);
}

function readFraction(text: string | undefined): number {
  if (text === undefined) return 0;
  const sign = { "½": 1 / 2, "¼": 1 / 4, "¾": 3 / 4, "⅓": 1 / 3, "⅔": 2 / 3, "⅛": 1 / 8 }[text];
  if (sign !== undefined) return sign;
  const [over, under] = text.split("/").map(Number);
  return (over ?? 0) / (under ?? 1);
}

function convertAmounts(amounts: readonly Amount[], target: string, asked: string): string {
  const from = amounts[0];
  if (from === undefined) throw new ToolAdvice("there is no value to convert");
  const source = amounts.map(({ value, unit }) => `${tidyNumber(value)} ${unit.symbol}`).join(" ");
  if (
    from.unit.dimension === "length" &&
    /^(?:feet|foot|ft|футы?)\s*(?:and|&|,|\+|и)?\s*(?:inches|inch|in|дюймы?)$/iu.test(target)
  ) {
    return `${source} = ${feetAndInches(toBase(amounts))}`;
  }
  const to = targetUnit(target, from.unit);
  if (to.dimension !== from.unit.dimension) {
    throw new ToolAdvice(
      `${from.unit.symbol} is ${from.unit.dimension} and ${to.symbol} is ${to.dimension}: "${asked}" has no single answer. Say so, or ask what exactly is meant`,
    );
  }
  const value = fromBase(toBase(amounts), to);
  const also = to.symbol === "ft" && value > 1 ? ` (${feetAndInches(toBase(amounts))})` : "";
  return `${source} = ${tidyNumber(value)} ${to.symbol}${also}`;
}

function targetUnit(text: string, from: Unit): Unit {
  const named = text.replace(/^(?:the|a|an) /iu, "");
  // "pounds to ounces" is mass, but "cups to ounces" means fluid ounces.
  const unit = findUnit(from.dimension === "volume" && /^(?:oz|ounces?)$/iu.test(named) ? "fl oz" : named);
  if (unit === null) throw new ToolAdvice(`no unit is called "${text}"; write its usual name or symbol`);
  return unit;
}

function toBase(amounts: readonly Amount[]): number {
  return amounts.reduce((sum, { value, unit }) => {
    if (unit.inverse === true) return sum + unit.factor / value;
    return sum + value * unit.factor + (unit.zero ?? 0);
  }, 0);
}

function fromBase(base: number, unit: Unit): number {
  return unit.inverse === true ? unit.factor / base : (base - (unit.zero ?? 0)) / unit.factor;
}

function feetAndInches(metres: number): string {
  const inches = Math.round((metres / 0.0254) * 10) / 10;
  const feet = Math.floor(inches / 12);
  return `${feet} ft ${tidyNumber(inches - feet * 12)} in`;
}

/** Up to 6 significant digits, more for big whole numbers; never e-notation where it can be read. */
function tidyNumber(value: number): string {
  const rounded = Number(value.toPrecision(Math.abs(value) >= 1e6 ? 10 : 6));
  return Math.abs(rounded) >= 1e21 || (rounded !== 0 && Math.abs(rounded) < 1e-6)
    ? String(rounded)
    : rounded.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 8 });
}

function clockTime(before: string, after: string, nowMs: number): string | null {
  const match =
    /^(?<hour>\d{1,2})(?::(?<minute>\d{2}))?\s*(?<half>[ap]\.?m\.?)?\s+(?:in |at |в )?(?<from>\p{L}.*)$/iu.exec(
      before,
    )?.groups;
  if (
    match?.from === undefined ||
    (match.minute === undefined && match.half === undefined) ||
    findPlace(match.from) === null
  )
    return null;
  const [hour, minute] = [Number(match.hour), Number(match.minute ?? 0)];
  if (hour > 23 || minute > 59) return null;
  const half = match.half?.toLowerCase().replaceAll(".", "");
  const hour24 = half === "pm" && hour < 12 ? hour + 12 : half === "am" && hour === 12 ? 0 : hour;
  return translateTime({ hour: hour24, minute, from: match.from, to: after }, nowMs);
}
