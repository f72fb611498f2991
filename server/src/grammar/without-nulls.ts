/**
 * Removes keywords whose value is null, which some clients send for "none". Null stays where it is a value itself: in
 * `const`, `default`, `enum` and `examples`.
 */

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
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

/** Returns a copy. Recursion is safe: `measureSchema` has limited the depth. */
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
