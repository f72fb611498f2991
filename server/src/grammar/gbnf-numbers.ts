/**
 * Writes grammar for decimal numbers between bounds. A grammar sees digits, not values, so a range is split by digits.
 */
import { NUMBER_BOUND_MAX } from "./lint-scalars.ts";
import type { Bound } from "./shape.ts";

/** Unbounded integers have at most 15 digits: every such integer is exact in a double. */
const FREE_INTEGER_MAX = 999_999_999_999_999;
/** Most digits of a bounded number: a double distinguishes all decimals of 15 significant digits. */
const SIGNIFICANT_DIGITS = 15;

export const FREE_INTEGER = `"-"? ("0" | [1-9] [0-9]{0,14})`;
export const FREE_NUMBER = `"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [+-]? [0-9]{1,2})?`;

/** Integers from `min` to `max`, both included; null is unbounded, up to 15 digits. */
export function integerRange(min: number | null, max: number | null): string {
  if (min === null && max === null) return FREE_INTEGER;
  const low = min ?? Math.min(-FREE_INTEGER_MAX, max ?? 0);
  const high = max ?? Math.max(FREE_INTEGER_MAX, min ?? 0);
  const parts: string[] = [];
  if (low < 0) parts.push(`"-" (${naturals(Math.max(1, -high), -low)})`);
  if (high >= 0) parts.push(naturals(Math.max(0, low), high));
  return parts.join(" | ");
}

/**
 * Numbers between whole bounds, without exponent. Digits after the point are limited, so that no number is rounded
 * across a bound when it is parsed.
 */
export function numberRange(min: Bound | null, max: Bound | null): string {
  if (min === null && max === null) return FREE_NUMBER;
  const low = min ?? { value: -NUMBER_BOUND_MAX, exclusive: false };
  const high = max ?? { value: NUMBER_BOUND_MAX, exclusive: false };
  const parts: string[] = [];
  if (low.value < 0) {
    const from = high.value < 0 ? negate(high) : { value: 0, exclusive: high.value === 0 && high.exclusive };
    parts.push(`"-" (${magnitudes(from, negate(low))})`);
  }
  if (high.value > 0 || (high.value === 0 && !high.exclusive)) {
    const from = low.value >= 0 ? low : { value: 0, exclusive: false };
    parts.push(magnitudes(from, high));
  }
  return parts.join(" | ");
}

function negate(bound: Bound): Bound {
  return { value: -bound.value, exclusive: bound.exclusive };
}

/** Unsigned decimals from `from` to `to`. */
function magnitudes(from: Bound, to: Bound): string {
  const places = SIGNIFICANT_DIGITS - String(to.value).length;
  const parts: string[] = [];
  if (from.exclusive && from.value < to.value) {
    // Above an exclusive bound: at least one digit after the point is not zero.
    parts.push(`"${from.value}." [0-9]{0,${places - 1}} [1-9]`);
  }
  const firstWhole = from.exclusive ? from.value + 1 : from.value;
  if (firstWhole <= to.value - 1) parts.push(`(${naturals(firstWhole, to.value - 1)}) ("." [0-9]{1,${places}})?`);
  if (!to.exclusive && to.value >= firstWhole) parts.push(`"${to.value}" ("." "0"{1,${places}})?`);
  return parts.join(" | ");
}

/** Whole numbers from `low` to `high` (0 ≤ low ≤ high), without leading zeros. */
export function naturals(low: number, high: number): string {
  const parts: string[] = [];
  for (let from = low; from <= high;) {
    const digits = String(from).length;
    const to = Math.min(high, 10 ** digits - 1);
    parts.push(sameLength(String(from), String(to)));
    from = to + 1;
  }
  return parts.join(" | ");
}

/** Digit strings from `low` to `high`, which have the same length. */
function sameLength(low: string, high: string): string {
  if (low === high) return `"${low}"`;
  let shared = 0;
  while (low[shared] === high[shared]) shared++;
  const prefix = shared === 0 ? "" : `"${low.slice(0, shared)}" `;
  const [first, last] = [Number(low[shared]), Number(high[shared])];
  const [lowRest, highRest] = [low.slice(shared + 1), high.slice(shared + 1)];
  if (lowRest === "") return prefix + digit(first, last);
  const parts: string[] = [];
  const lowFree = /^0*$/.test(lowRest);
  const highFree = /^9*$/.test(highRest);
  if (!lowFree) parts.push(`"${first}" ${grouped(sameLength(lowRest, "9".repeat(lowRest.length)))}`);
  const [from, to] = [lowFree ? first : first + 1, highFree ? last : last - 1];
  if (from <= to) parts.push(`${digit(from, to)} ${repeatDigits(lowRest.length)}`);
  if (!highFree) parts.push(`"${last}" ${grouped(sameLength("0".repeat(highRest.length), highRest))}`);
  return parts.length === 1
    ? prefix + parts.join("")
    : prefix === ""
      ? parts.join(" | ")
      : `${prefix}(${parts.join(" | ")})`;
}

function grouped(body: string): string {
  return body.includes("|") ? `(${body})` : body;
}

function digit(from: number, to: number): string {
  return from === to ? `"${from}"` : `[${from}-${to}]`;
}

function repeatDigits(count: number): string {
  return count === 1 ? "[0-9]" : `[0-9]{${count}}`;
}
