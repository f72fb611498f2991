/** Checks a value of `enum` or `const` against the keywords beside it. */
import { isFormatted } from "./formats.ts";
import { opensAs } from "./openings.ts";
import type { Bound, LintedSchema, Shape } from "./shape.ts";

/** Whether the value is valid under the shape. For values of the schema itself, whose size is bounded. */
export function acceptsValue(linted: Pick<LintedSchema, "definitions">, shape: Shape, value: unknown): boolean {
  const accepts = (inner: Shape, part: unknown) => acceptsValue(linted, inner, part);
  switch (shape.kind) {
    case "any":
      return true;
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return (
        typeof value === "number" &&
        Number.isInteger(value) &&
        withinBounds(value, closed(shape.min), closed(shape.max))
      );
    case "number":
      return typeof value === "number" && withinBounds(value, shape.min, shape.max);
    case "string":
      return (
        typeof value === "string" &&
        lengthFits(Array.from(value).length, shape) &&
        (shape.opening === undefined || opensAs(shape.opening, value))
      );
    case "format":
      return typeof value === "string" && isFormatted(shape.format, value);
    case "literal":
      return shape.values.some((literal) => sameJson(literal, value));
    case "array":
      return (
        Array.isArray(value) && lengthFits(value.length, shape) && value.every((item) => accepts(shape.item, item))
      );
    case "map":
      return isRecord(value) && Object.values(value).every((member) => accepts(shape.value, member));
    case "object": {
      if (!isRecord(value)) return false;
      const known = new Map(shape.properties.map((property) => [property.name, property]));
      return (
        shape.properties.every((property) => !property.required || Object.hasOwn(value, property.name)) &&
        Object.entries(value).every(([name, member]) => {
          const property = known.get(name);
          return property !== undefined && accepts(property.shape, member);
        })
      );
    }
    case "union":
      return shape.members.some((member) => accepts(member, value));
    case "ref": {
      const target = linted.definitions.get(shape.pointer);
      return target !== undefined && accepts(target, value);
    }
  }
}

function closed(value: number | null): Bound | null {
  return value === null ? null : { value, exclusive: false };
}

function withinBounds(value: number, min: Bound | null, max: Bound | null): boolean {
  const above = min === null || (min.exclusive ? value > min.value : value >= min.value);
  const below = max === null || (max.exclusive ? value < max.value : value <= max.value);
  return above && below;
}

function lengthFits(length: number, bounds: { min: number; max: number | null }): boolean {
  return length >= bounds.min && (bounds.max === null || length <= bounds.max);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Equality of JSON values; the order of members does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  );
}
