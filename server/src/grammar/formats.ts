/**
 * String formats. Each is defined twice, as grammar rules and as a check, and both accept the same strings.
 * Dates respect leap years; times are RFC 3339 without leap seconds.
 */
import type { StringFormat } from "./shape.ts";

/** Grammar rules of the formats. The rule with a format's name matches its content without the quotes. */
export const FORMAT_RULES: Readonly<Record<string, string>> = {
  "d2-4s": `"0" [48] | [2468] [048] | [13579] [26]`,
  "d2-4s0": `[02468] [048] | [13579] [26]`,
  "leap-year": `[0-9] [0-9] d2-4s | d2-4s0 "00"`,
  "day-28": `"0" [1-9] | "1" [0-9] | "2" [0-8]`,
  "day-30": `day-28 | "29" | "30"`,
  "month-day": `("0" [13578] | "10" | "12") "-" (day-30 | "31") | ("0" [469] | "11") "-" day-30 | "02-" day-28`,
  date: `[0-9] [0-9] [0-9] [0-9] "-" month-day | leap-year "-02-29"`,
  "hour-minute": `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]`,
  time: `hour-minute ":" [0-5] [0-9] ("." [0-9]{1,9})? ("Z" | [+-] hour-minute)`,
  "date-time": `date "T" time`,
  hex: `[0-9a-fA-F]`,
  uuid: `hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12}`,
  octet: `[0-9] | [1-9] [0-9] | "1" [0-9] [0-9] | "2" [0-4] [0-9] | "25" [0-5]`,
  ipv4: `octet "." octet "." octet "." octet`,
};

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

const CHECKS: Readonly<Record<StringFormat, (text: string) => boolean>> = {
  date: isDate,
  time: (text) => TIME.test(text),
  "date-time": (text) => isDate(text.slice(0, 10)) && text[10] === "T" && TIME.test(text.slice(11)),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
  ipv4: (text) => IPV4.test(text),
};

export const FORMATS = Object.keys(CHECKS) as StringFormat[];

export function isFormatted(format: StringFormat, text: string): boolean {
  return CHECKS[format](text);
}

function isDate(text: string): boolean {
  const match = DATE.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}
