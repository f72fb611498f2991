/**
 * A linted schema, in a form without ambiguity that the grammar can enforce. The linter produces shapes; the grammar
 * and the closed schema for engines are written from them.
 */

export type JsonType = "null" | "boolean" | "integer" | "number" | "string" | "array" | "object";

/** A bound of a number; `exclusive` means the bound itself is not allowed. */
export interface Bound {
  value: number;
  exclusive: boolean;
}

export interface PropertyShape {
  name: string;
  required: boolean;
  shape: Shape;
}

export type StringFormat = "date" | "time" | "date-time" | "uuid" | "ipv4";

/** A rule for how a string may begin, defined in `openings.ts`. */
export type Opening = "cyrillic" | "letter";

export type Shape =
  | { kind: "any" }
  | { kind: "null" }
  | { kind: "boolean" }
  /** Bounds are safe integers and inclusive; null is unbounded. */
  | { kind: "integer"; min: number | null; max: number | null }
  | { kind: "number"; min: Bound | null; max: Bound | null }
  /** Lengths in code points; null is unbounded. */
  | { kind: "string"; min: number; max: number | null; opening?: Opening }
  | { kind: "format"; format: StringFormat }
  /** One of these JSON values. */
  | { kind: "literal"; values: readonly unknown[] }
  /** Members are written in this order; no other member is ever written. `loose`: the schema names no type. */
  | { kind: "object"; properties: readonly PropertyShape[]; loose: boolean }
  /** Any member names, all values of one shape. */
  | { kind: "map"; value: Shape; loose: boolean }
  | { kind: "array"; item: Shape; min: number; max: number | null; loose: boolean }
  | { kind: "union"; members: readonly Shape[] }
  /** A definition, named by its JSON pointer. */
  | { kind: "ref"; pointer: string };

/** The whole schema: its root, and every definition or `$ref` target by JSON pointer. */
export interface LintedSchema {
  root: Shape;
  definitions: ReadonlyMap<string, Shape>;
}

/** The JSON type of a value; whole numbers are "integer". */
export function typeOfValue(value: unknown): JsonType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "string" : "object";
}

/** Appends keys to a JSON pointer (RFC 6901). */
export function pointerTo(parent: string, ...keys: (string | number)[]): string {
  return keys.reduce<string>(
    (path, key) => `${path}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`,
    parent,
  );
}
