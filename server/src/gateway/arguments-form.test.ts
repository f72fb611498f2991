/** The arguments of a call are an object whatever the tool's schema, or the request is refused in a sentence. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import { sampleGbnf, seededRandom } from "../grammar/gbnf-sampler.ts";
import { argumentsForm } from "./arguments-form.ts";

const form = (schema: unknown) => argumentsForm(compileConstraint(schema));

function sampled(schema: unknown, seed = 1): unknown {
  const { constraint, validate } = form(schema);
  const value: unknown = JSON.parse(sampleGbnf(constraint.gbnf, { random: seededRandom(seed) }));
  expect(validate(value)).toBeNull();
  return value;
}

function sampledOrRefused(schema: unknown, seed = 1): unknown {
  try {
    return sampled(schema, seed);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function isObjectOrRefusal(value: unknown): boolean {
  if (value instanceof Refusal) return value.code === "unsupported_schema";
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

test.each([{}, true, { $schema: "x" }, { description: "none" }, { anyOf: [{}, { type: "string" }] }])(
  "a schema without constraints, %j, means a tool without arguments",
  (schema) => expect(sampled(schema)).toEqual({}),
);

test("of several alternatives only the objects are kept, also behind references", () => {
  const at = { type: "object", properties: { at: { enum: ["sea"] } }, required: ["at"] };
  for (const schema of [
    { anyOf: [{ type: "null" }, at] },
    { ...at, type: ["object", "null"] },
    { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ type: "string" }, { $ref: "#/$defs/b" }] }, b: at } },
    { enum: ["sea", { at: "sea" }] },
  ]) {
    expect(sampled(schema)).toEqual({ at: "sea" });
    expect(form(schema).validate("sea")).not.toBeNull();
    expect(form(schema).validate(null)).not.toBeNull();
  }
});

test.each([{ type: "string" }, { type: "array" }, { const: 1 }, { anyOf: [{ type: "null" }, { type: "number" }] }])(
  "a schema that no object fits, %j, is refused with what to send instead",
  (schema) => expect(() => form(schema)).toThrow("arguments are always a JSON object; send"),
);

test("a definition that refers to itself is compiled or refused", () => {
  const schema = { $ref: "#/$defs/a", $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }, { type: "object" }] } } };
  expect(sampledOrRefused(schema)).toSatisfy(isObjectOrRefusal);
});

const { schema: Schemas } = fc.letrec<{ schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom({}, true, { title: "t" }, { type: "null" }, { const: { a: 1 } }, { enum: [1, {}, "x"] }),
    fc.constantFrom("string", "number", "integer", "boolean", "array", "object").map((type) => ({ type })),
    fc
      .subarray(["string", "object", "null", "array", "integer"], { minLength: 1 })
      .map((type) => ({ type, description: "d" })),
    fc.dictionary(fc.constantFrom("a", "b"), tie("schema"), { maxKeys: 2 }).map((properties) => ({ properties })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    tie("schema").map((additionalProperties) => ({ type: "object", additionalProperties })),
    tie("schema").map((a) => ({ $ref: "#/$defs/a", $defs: { a } })),
  ),
}));

test("with any schema the arguments are an object, or the schema is refused", () => {
  let objects = 0;
  fc.assert(
    fc.property(Schemas, fc.nat(), (schema, seed) => {
      const value = sampledOrRefused(schema, seed);
      if (!(value instanceof Refusal)) objects++;
      expect(value).toSatisfy(isObjectOrRefusal);
    }),
    { numRuns: 300 },
  );
  expect(objects).toBeGreaterThan(50);
});
