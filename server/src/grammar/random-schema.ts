/** Generates random schemas of the supported subset, for tests. */
import * as fc from "fast-check";
import { FORMATS } from "./formats.ts";

type Json = Record<string, unknown>;

const Name = fc.oneof(
  fc.constantFrom("name", "city", "a b", "toString", "constructor", 'quo"te', "back\\slash", "имя", "😀", ""),
  fc.string({ maxLength: 6 }).filter((name) => name !== "__proto__"),
);

const Value = fc.oneof(
  fc.string({ maxLength: 6, unit: "grapheme" }),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom<unknown>({ a: [1, "x"] }, [], {}, [null, { b: "\n" }], 0.5, -1e21),
);

function ordered(min: fc.Arbitrary<number>, more: fc.Arbitrary<number>): fc.Arbitrary<[number, number]> {
  return fc.tuple(min, more).map(([low, extra]) => [low, low + extra]);
}

const Lengths = ordered(fc.nat(70), fc.nat(140));
const Range = ordered(fc.integer({ min: -1_200, max: 1_200 }), fc.nat(2_500));

/** Inclusive or exclusive bounds, far enough apart that a number lies between them. */
const numberBounds = fc.tuple(Range, fc.boolean(), fc.boolean()).map(([[min, max], openBelow, openAbove]) => ({
  [openBelow ? "exclusiveMinimum" : "minimum"]: min - 1,
  [openAbove ? "exclusiveMaximum" : "maximum"]: max + 1,
}));

const Scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ type: fc.constantFrom("string", "integer", "number", "boolean", "null") }),
  Lengths.map(([minLength, maxLength]) => ({ type: "string", minLength, maxLength })),
  fc.nat(90).map((minLength) => ({ type: "string", minLength })),
  fc.constantFrom(...FORMATS).map((format) => ({ type: "string", format })),
  fc.tuple(fc.constantFrom("integer", "number"), numberBounds).map(([type, bounds]) => ({ type, ...bounds })),
  fc.integer({ min: -500, max: 500 }).map((minimum) => ({ type: ["integer", "null"], minimum })),
  fc.integer({ min: -500, max: 500 }).map((exclusiveMaximum) => ({ type: "number", exclusiveMaximum })),
  fc
    .uniqueArray(Value, { minLength: 1, maxLength: 4, selector: (value) => JSON.stringify(value) })
    .map((values) => ({ enum: values })),
  Value.map((value) => ({ const: value })),
  fc.constant({ type: "string", nullable: true, description: "may be absent" }),
);

/** A complete supported schema; some are recursive. */
export const SupportedSchema: fc.Arbitrary<Json> = fc
  .letrec<{ schema: Json; object: Json }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      { weight: 3, arbitrary: Scalar },
      tie("object"),
      arrayOf(tie("schema")),
      {
        weight: 1,
        arbitrary: fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      },
      fc.constantFrom<Json>({}, { type: "object" }, { type: "array" }),
      tie("schema").map((only) => ({ allOf: [only] })),
    ),
    object: fc
      .tuple(
        fc.uniqueArray(fc.tuple(Name, tie("schema"), fc.boolean()), { maxLength: 5, selector: ([name]) => name }),
        fc.constantFrom<Json>({}, { additionalProperties: false }, { additionalProperties: true }),
        fc.boolean(),
      )
      .map(([members, extra, recursive]) => ({
        type: "object",
        properties: Object.fromEntries([
          ...members.map(([name, schema]) => [name, schema] as const),
          ...(recursive ? [["again", { $ref: "#/$defs/tree" }] as const] : []),
        ]),
        required: members.filter(([, , required]) => required).map(([name]) => name),
        ...extra,
      })),
  }))
  .schema.map((schema) => ({ ...schema, $defs: { tree: TREE } }));

const TREE = {
  type: "object",
  properties: { value: { type: "integer" }, kids: { type: "array", items: { $ref: "#/$defs/tree" } } },
  required: ["value"],
};

function arrayOf(items: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  const bounds = ordered(fc.nat(3), fc.nat(5)).map(([minItems, maxItems]) => ({ minItems, maxItems }));
  return fc
    .tuple(items, fc.oneof(bounds, fc.constant({})))
    .map(([items, bounds]) => ({ type: "array", items, ...bounds }));
}
