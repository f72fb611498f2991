/** A keyword whose value is null is treated as absent. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileConstraint } from "./compile-constraint.ts";

test.each(["required", "properties", "items", "additionalProperties", "anyOf", "enum", "$defs", "type", "minimum"])(
  "`%s: null` is as if it were not there, at the root and inside",
  (keyword) => {
    const inside = { type: "object", properties: { a: { description: "x" } } };
    const nulled = { ...inside, properties: { a: { description: "x", [keyword]: null } } };
    expect(compileConstraint(nulled).constraint).toEqual(compileConstraint(inside).constraint);
    expect(compileConstraint({ [keyword]: null }).constraint).toEqual(compileConstraint({}).constraint);
  },
);

test("null is kept where it is a value, and refused where a schema should be", () => {
  expect(compileConstraint({ const: null }).validate(null)).toBeNull();
  expect(compileConstraint({ enum: [null, 1] }).validate(null)).toBeNull();
  expect(compileConstraint({ type: "object", properties: { a: { const: null } } }).validate({ a: 1 })).not.toBeNull();
  expect(() => compileConstraint({ properties: { a: null } })).toThrow("a schema is an object");
  expect(() => compileConstraint({ anyOf: [null] })).toThrow("a schema is an object");
});

const KEYWORDS = ["required", "items", "minLength", "maximum", "title", "format", "pattern", "oneOf", "$ref", "x-own"];
const { schema: Schemas } = fc.letrec<{ schema: Record<string, unknown> }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom({ type: "string" }, { type: "integer", minimum: 1 }, { enum: [null, "a"] }, { const: null }),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    tie("schema").map((items) => ({ type: "array", items })),
    fc.dictionary(fc.constantFrom("a", "items", "required"), tie("schema"), { maxKeys: 2 }).map((properties) => ({
      type: "object",
      properties,
    })),
  ),
}));

/** Adds the keyword with the value null to every schema inside that does not have it. */
function nulled(schema: Record<string, unknown>, keyword: string): Record<string, unknown> {
  const parts = Object.entries(schema).map(([name, value]): [string, unknown] => {
    if (name === "anyOf") return [name, (value as Record<string, unknown>[]).map((one) => nulled(one, keyword))];
    if (name === "items") return [name, nulled(value as Record<string, unknown>, keyword)];
    if (name !== "properties") return [name, value];
    const named = Object.entries(value as Record<string, Record<string, unknown>>);
    return [name, Object.fromEntries(named.map(([key, one]) => [key, nulled(one, keyword)]))];
  });
  return { [keyword]: null, ...Object.fromEntries(parts) };
}

test("keywords with the value null change nothing, anywhere in any schema", () => {
  fc.assert(
    fc.property(Schemas, fc.constantFrom(...KEYWORDS), (schema, keyword) => {
      const plain = compileConstraint(schema).constraint;
      expect(compileConstraint(nulled(schema, keyword)).constraint).toEqual(plain);
    }),
    { numRuns: 200 },
  );
});
