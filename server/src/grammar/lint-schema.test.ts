import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { compileConstraint } from "./compile-constraint.ts";

function refusalOf(schema: unknown): Refusal {
  try {
    compileConstraint(schema);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error("the schema was not refused");
}

const text = { type: "string" };
const tagged = (name: string) => ({ type: "object", properties: { kind: { const: name } }, required: ["kind"] });

test.each<[string, unknown]>([
  ["/properties/a/pattern", { type: "object", properties: { a: { type: "string", pattern: "(a+)+$" } } }],
  ["/patternProperties", { type: "object", patternProperties: { x: text } }],
  ["/not", { not: text }],
  ["/if", { if: text, else: text }],
  ["/multipleOf", { type: "number", multipleOf: 0.1 }],
  ["/items/uniqueItems", { type: "array", items: { type: "array", uniqueItems: true } }],
  ["/contains", { type: "array", contains: text }],
  ["/prefixItems", { type: "array", prefixItems: [text] }],
  ["/items", { type: "array", items: [text] }],
  ["/dependentRequired", { type: "object", dependentRequired: { a: ["b"] } }],
  ["/minProperties", { type: "object", minProperties: 1 }],
  ["/propertyNames", { type: "object", propertyNames: text }],
  ["/unevaluatedProperties", { type: "object", unevaluatedProperties: false }],
  ["/additionalProperties/pattern", { type: "object", additionalProperties: { type: "string", pattern: "x" } }],
  ["/properties/a~1b~0c/colour", { type: "object", properties: { "a/b~c": { colour: "red" } } }],
  ["/properties/__proto__", JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}}}')],
  ["/$ref", { $ref: "https://example.org/schema.json" }],
  ["/$ref", { $ref: "#/$defs/absent" }],
  ["/$ref", { $ref: "#/%zz" }],
  ["/$defs/unused/pattern", { type: "string", $defs: { unused: { pattern: "x" } } }],
  ["/properties/a/$id", { type: "object", properties: { a: { $id: "other", type: "string" } } }],
  ["/format", { type: "string", format: "email" }],
  ["/maxLength", { type: "string", format: "date", maxLength: 3 }],
  ["", false],
  ["", "string"],
  ["", null],
  ["/properties/a", { type: "object", properties: { a: false } }],
  ["/type", { type: "text" }],
  ["/type", { type: [] }],
  ["/type", { type: ["string", "string"] }],
  ["/minLength", { type: "string", minLength: 5, maxLength: 4 }],
  ["/minLength", { type: "string", minLength: -1 }],
  ["/minLength", { type: "string", minLength: 1_000_000 }],
  ["/minItems", { type: "array", minItems: 2, maxItems: 1 }],
  ["/minItems", { type: "array", minItems: 1_000_000 }],
  ["/minimum", { type: "integer", minimum: 3, maximum: 2 }],
  ["/exclusiveMinimum", { type: "integer", exclusiveMinimum: 2, exclusiveMaximum: 3 }],
  ["/exclusiveMinimum", { type: "number", exclusiveMinimum: 2, maximum: 2 }],
  ["/minimum", { type: "number", minimum: 0.5 }],
  ["/maximum", { type: "number", maximum: 1e300 }],
  ["/maximum", { type: "integer", maximum: 1e300 }],
  ["/minimum", { type: "integer", minimum: "1" }],
  ["/exclusiveMinimum", { type: "integer", minimum: 1, exclusiveMinimum: true }],
  ["/minimum", { type: "string", minimum: 1 }],
  ["", { minLength: 1, minimum: 2 }],
  ["/required/1", { type: "object", properties: { a: text }, required: ["a", "b"] }],
  ["/required/1", { type: "object", properties: { a: text }, required: ["a", "a"] }],
  ["/required/0", { type: "object", required: [7] }],
  ["/enum", { enum: [] }],
  ["/enum/1", { type: "string", enum: ["a", 2] }],
  ["/enum/0", { type: "integer", minimum: 5, enum: [4] }],
  ["/const", { type: "string", const: 3 }],
  ["/const", { enum: ["a"], const: "b" }],
  ["/anyOf", { anyOf: [] }],
  ["/properties", { anyOf: [{ type: "object" }], properties: { a: text } }],
  ["/type", { type: "string", anyOf: [text, { type: "null" }] }],
  ["/allOf", { allOf: [text, { type: "string", minLength: 1 }] }],
  ["/oneOf", { oneOf: [text, { type: "string", minLength: 1 }] }],
  ["/oneOf", { oneOf: [{ type: "integer" }, { type: "number" }] }],
  ["/oneOf", { oneOf: [text, { properties: { a: text } }] }],
  ["/oneOf", { oneOf: [tagged("a"), tagged("a")] }],
  ["", { $ref: "#" }],
  ["/$defs/a", { $ref: "#/$defs/a", $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } } }],
  ["/$defs/a", { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }, text] } } }],
  ["", { type: "object", properties: { next: { $ref: "#" } }, required: ["next"] }],
  ["", { type: "array", minItems: 1, items: { $ref: "#" } }],
])("%s is named as the fault of %j", (pointer, schema) => {
  const refusal = refusalOf(schema);
  expect(refusal.code).toBe("unsupported_schema");
  expect(refusal.param).toBe(pointer);
});

test.each<[string, unknown]>([
  [
    "annotations",
    { $schema: "x", $id: "y", title: "t", description: "d", default: 1, examples: [2], deprecated: true },
  ],
  ["one of several types", { type: ["string", "integer", "null"], minLength: 1, minimum: 2 }],
  ["a repeated type beside anyOf", { type: ["string", "null"], anyOf: [text, { type: "null" }] }],
  ["a discriminated oneOf", { oneOf: [tagged("a"), tagged("b"), { type: "null" }] }],
  ["a reference into properties", { type: "object", properties: { a: text, b: { $ref: "#/properties/a" } } }],
  ["escaped pointers", { $ref: "#/$defs/a~1b%20c", $defs: { "a/b c": text } }],
  ["a fractional bound of an integer", { type: "integer", minimum: 0.5 }],
  ["nullable", { type: "string", nullable: true }],
])("%s can be used", (_name, schema) => {
  expect(compileConstraint(schema).constraint.gbnf).toContain("root ::=");
});

test("too many properties, values, levels and bytes are each refused", () => {
  expect(refusalOf({ type: "object", properties: members(501) }).message).toContain("500 properties");
  expect(refusalOf({ type: "object", properties: members(10_000) }).message).toContain("64 KB");
  expect(refusalOf({ enum: Array.from({ length: 1_001 }, (_, index) => index) }).message).toContain("1000 enum");
  let nested: unknown = text;
  for (let level = 0; level < 17; level++) nested = { type: "array", items: nested };
  expect(refusalOf(nested).message).toContain("16 deep");
  expect(refusalOf({ description: "x".repeat(70_000) }).message).toContain("64 KB");
});

test("a hundred thousand nested arrays and a cyclic object are refused without exhausting the stack", () => {
  expect(refusalOf(JSON.parse("[".repeat(100_000) + "]".repeat(100_000))).code).toBe("unsupported_schema");
  const cyclic: Record<string, unknown> = { type: "array" };
  cyclic["items"] = cyclic;
  expect(refusalOf(cyclic).message).toContain("too deep");
});

test("lengths that add up to too big a grammar are refused", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`p${index}`, { type: "string", maxLength: 90_000 + index * 64 }]),
  );
  expect(refusalOf({ type: "object", properties }).message).toContain("too big a grammar");
});

function members(count: number): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, {}]));
}

test.each<[string, (schema: unknown) => object]>([
  ["type beside it", (schema: unknown) => ({ type: ["string", "integer"], anyOf: [schema] })],
  ["a second branch", (schema: unknown) => ({ anyOf: [schema, { type: "boolean" }] })],
  ["oneOf around it", (schema: unknown) => ({ oneOf: [schema, { type: "null" }] })],
  ["an enum beside it", (schema: unknown) => ({ type: "array", items: schema, enum: [["x"]] })],
])("definitions that double at every level are refused at once, with %s", (_name, around) => {
  const doubling = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `d${index}`,
      { anyOf: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
    ]),
  );
  const $defs = { ...doubling, d40: { type: "integer" } };
  const schema = { ...around({ $ref: "#/$defs/d0" }), $defs };
  expect(refusalOf(schema).message).toContain("1000 branches");
});

const tree = (branches: unknown[]) => ({ anyOf: [...branches, { type: "integer" }] });
const pair = (first: object) => ({
  type: "object",
  properties: { ...first, left: { $ref: "#" }, right: { $ref: "#" } },
  required: [...Object.keys(first), "left", "right"],
});

test("recursive branches that begin alike are refused, because their readings multiply with every level", () => {
  expect(refusalOf(tree([pair({}), pair({})])).message).toContain("begin alike");
  expect(
    refusalOf(
      tree([
        { type: "array", items: { $ref: "#" } },
        { type: "array", items: { $ref: "#" }, maxItems: 3 },
      ]),
    ).message,
  ).toContain("begin alike");
});

test("recursive branches that a constant or a name tells apart can be used", () => {
  const told = tree([pair({ op: { const: "+" } }), pair({ op: { const: "-" } }), pair({ not: { type: "null" } })]);
  expect(compileConstraint(told).validate({ op: "+", left: 1, right: { not: null, left: 2, right: 3 } })).toBeNull();
});
