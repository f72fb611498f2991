/**
 * Keywords whose value is null, which clients write for "none", are as if they were not there. Where null is a value of
 * its own (`const`, `default`, in `enum` and `examples`) it stays.
 */

/** Keywords that hold one schema, a list of them, or schemas by name. */
const SCHEMA_KEYWORDS = new Set([
  "items",
  "additionalProperties",
  "not",
  "contains",
  "propertyNames",
  "if",
  "then",
  "else",
]);
const LIST_KEYWORDS = new Set(["anyOf", "oneOf", "allOf", "prefixItems"]);
const MAP_KEYWORDS = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]);
const NULL_IS_A_VALUE = new Set(["const", "default"]);

/** A copy. The schema was measured, so its depth is bounded. */
export function withoutNulls(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([keyword, value]) => value !== null || NULL_IS_A_VALUE.has(keyword));
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, inKeyword(keyword, value)]));
}

function inKeyword(keyword: string, value: unknown): unknown {
  if (LIST_KEYWORDS.has(keyword) && Array.isArray(value)) return value.map(withoutNulls);
  if (MAP_KEYWORDS.has(keyword) && isObject(value))
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, withoutNulls(part)]));
  return SCHEMA_KEYWORDS.has(keyword) ? withoutNulls(value) : value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
