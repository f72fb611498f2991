/** The supported JSON Schema keywords, and advice for those that are not supported. */
import { OPENING } from "./openings.ts";
import type { JsonType } from "./shape.ts";

export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "default",
  "examples",
  "$schema",
  "$id",
  "$comment",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** Keywords that apply to one type only, with that type. */
export const KEYWORD_TYPE: ReadonlyMap<string, JsonType> = new Map([
  ["properties", "object"],
  ["required", "object"],
  ["additionalProperties", "object"],
  ["items", "array"],
  ["minItems", "array"],
  ["maxItems", "array"],
  ["minLength", "string"],
  ["maxLength", "string"],
  ["format", "string"],
  [OPENING, "string"],
  ["minimum", "number"],
  ["maximum", "number"],
  ["exclusiveMinimum", "number"],
  ["exclusiveMaximum", "number"],
]);

/** Keywords that refer to or combine schemas. A schema may have one, with only `type` and annotations beside it. */
export const COMPOSITES = ["$ref", "anyOf", "oneOf", "allOf"] as const;

export const DEFINITIONS = ["$defs", "definitions"] as const;

export const KNOWN: ReadonlySet<string> = new Set([
  ...ANNOTATIONS,
  ...KEYWORD_TYPE.keys(),
  ...COMPOSITES,
  ...DEFINITIONS,
  "type",
  "nullable",
  "enum",
  "const",
]);

const ADVICE: Readonly<Record<string, string>> = {
  pattern: "describe the form in `description`, or list the values in `enum`",
  patternProperties: "name the members in `properties`",
  propertyNames: "name the members in `properties`",
  minProperties: "name the members in `properties` and `required`",
  maxProperties: "name the members in `properties`",
  not: "say what is allowed instead",
  if: "write the cases as `anyOf` branches",
  // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema has this name.
  then: "write the cases as `anyOf` branches",
  else: "write the cases as `anyOf` branches",
  dependencies: "write the cases as `anyOf` branches",
  dependentRequired: "write the cases as `anyOf` branches",
  dependentSchemas: "write the cases as `anyOf` branches",
  multipleOf: "use `type: integer`, or list the values in `enum`",
  uniqueItems: "leave it out and check for doubles yourself",
  contains: "use `items`",
  prefixItems: "use an object with named members",
  additionalItems: "use `items`",
  unevaluatedProperties: "use `additionalProperties: false`",
  unevaluatedItems: "use `items`",
  $anchor: "refer by JSON pointer, e.g. #/$defs/name",
  $dynamicRef: "refer by JSON pointer, e.g. #/$defs/name",
};

/** What the caller should do about an unsupported keyword. */
export function adviceFor(keyword: string): string {
  return ADVICE[keyword] ?? "leave it out";
}
