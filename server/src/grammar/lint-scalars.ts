/** Lints strings and numbers of a schema. Bounds are checked against each other and never relaxed. */
import { FORMATS } from "./formats.ts";
import { OPENING, OPENINGS } from "./openings.ts";
import { fault } from "./schema-place.ts";
import type { SchemaObject } from "./schema-place.ts";
import { pointerTo } from "./shape.ts";
import type { Bound, Shape } from "./shape.ts";

/**
 * Longer strings do not fit any model's context. A greater `maxLength` becomes this, a greater `minLength` is refused.
 */
export const STRING_LENGTH_MAX = 100_000;

export function lintString(schema: SchemaObject, pointer: string): Shape {
  const min = readCount(schema, "minLength", pointer) ?? 0;
  const max = readCount(schema, "maxLength", pointer);
  if (max !== null && min > max) throw fault(pointerTo(pointer, "minLength"), "`minLength` is above `maxLength`");
  if (min > STRING_LENGTH_MAX) {
    throw fault(pointerTo(pointer, "minLength"), `no model writes a string that long; at most ${STRING_LENGTH_MAX}`);
  }
  if (OPENING in schema) return lintOpening(schema, pointer, { min, max });
  if (!("format" in schema)) return { kind: "string", min, max };
  const format = FORMATS.find((name) => name === schema["format"]);
  if (format === undefined) {
    const advice = `this format is not supported (${FORMATS.join(", ")} are): describe it in \`description\``;
    throw fault(pointerTo(pointer, "format"), advice);
  }
  for (const keyword of ["minLength", "maxLength"]) {
    if (keyword in schema)
      throw fault(pointerTo(pointer, keyword), "beside `format` a length is not supported; leave it out");
  }
  return { kind: "format", format };
}

function lintOpening(schema: SchemaObject, pointer: string, { min, max }: { min: number; max: number | null }): Shape {
  const opening = OPENINGS.find((name) => name === schema[OPENING]);
  if (opening === undefined || "format" in schema || min !== 1 || max === null)
    throw fault(pointerTo(pointer, OPENING), `it is ${OPENINGS.join(" or ")}, beside a minLength of 1 and a maxLength`);
  return { kind: "string", min, max, opening };
}

export function lintInteger(schema: SchemaObject, pointer: string): Shape {
  const { min: lower, max: upper } = readBounds(schema, pointer);
  const min = lower === null ? null : lower.exclusive ? Math.floor(lower.value) + 1 : Math.ceil(lower.value);
  const max = upper === null ? null : upper.exclusive ? Math.ceil(upper.value) - 1 : Math.floor(upper.value);
  for (const [bound, keyword] of [
    [min, lower?.keyword],
    [max, upper?.keyword],
  ] as const) {
    if (bound !== null && !Number.isSafeInteger(bound)) {
      throw fault(pointerTo(pointer, keyword ?? "type"), "a bound must be within ±9007199254740991");
    }
  }
  if (min !== null && max !== null && min > max) {
    throw fault(pointerTo(pointer, lower?.keyword ?? "type"), "no integer lies between the lower and the upper bound");
  }
  return { kind: "integer", min: min === null ? null : min + 0, max: max === null ? null : max + 0 };
}

export function lintNumber(schema: SchemaObject, pointer: string): Shape {
  const { min, max } = readBounds(schema, pointer);
  for (const bound of [min, max]) {
    if (bound === null || (Number.isInteger(bound.value) && Math.abs(bound.value) <= NUMBER_BOUND_MAX)) continue;
    const advice = `a bound of a number must be a whole number within ±${NUMBER_BOUND_MAX}; round it outwards and check yourself`;
    throw fault(pointerTo(pointer, bound.keyword), advice);
  }
  if (min !== null && max !== null) {
    const empty = min.exclusive || max.exclusive ? min.value >= max.value : min.value > max.value;
    if (empty) throw fault(pointerTo(pointer, min.keyword), "no number lies between the lower and the upper bound");
  }
  return { kind: "number", min: plain(min), max: plain(max) };
}

/** With more digits before the point, a double keeps too few after it to distinguish a number from the next integer. */
export const NUMBER_BOUND_MAX = 999_999_999_999;

interface ReadBound extends Bound {
  keyword: string;
}

function readBounds(schema: SchemaObject, pointer: string): { min: ReadBound | null; max: ReadBound | null } {
  const lower = [readBound(schema, "minimum", pointer), readBound(schema, "exclusiveMinimum", pointer)];
  const upper = [readBound(schema, "maximum", pointer), readBound(schema, "exclusiveMaximum", pointer)];
  return { min: tighter(lower, (a, b) => a > b), max: tighter(upper, (a, b) => a < b) };
}

/** Returns the stricter of an inclusive and an exclusive bound; the exclusive one if they are equal. */
function tighter(
  [inclusive, exclusive]: (ReadBound | null)[],
  beats: (a: number, b: number) => boolean,
): ReadBound | null {
  if (inclusive == null || exclusive == null) return inclusive ?? exclusive ?? null;
  return beats(inclusive.value, exclusive.value) ? inclusive : exclusive;
}

function readBound(schema: SchemaObject, keyword: string, pointer: string): ReadBound | null {
  if (!(keyword in schema)) return null;
  const value = schema[keyword];
  if (typeof value !== "number" || !Number.isFinite(value))
    throw fault(pointerTo(pointer, keyword), "a bound is a number");
  return { value, exclusive: keyword.startsWith("exclusive"), keyword };
}

function plain(bound: ReadBound | null): Bound | null {
  return bound === null ? null : { value: bound.value + 0, exclusive: bound.exclusive };
}

/** A length or count: a non-negative integer, or null where the keyword is absent. */
export function readCount(schema: SchemaObject, keyword: string, pointer: string): number | null {
  if (!(keyword in schema)) return null;
  const value = schema[keyword];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw fault(pointerTo(pointer, keyword), `\`${keyword}\` is a whole number from 0 up`);
  }
  return value;
}
