import * as fc from "fast-check";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { expect, test } from "vitest";
import { compileConstraint } from "./compile-constraint.ts";
import { gbnfAccepts, sampleGbnf, seededRandom } from "./gbnf-sampler.ts";
import { SupportedSchema } from "./random-schema.ts";

function accepts(schema: unknown, value: unknown): boolean {
  const { constraint, validate } = compileConstraint(schema);
  const byGrammar = gbnfAccepts(constraint.gbnf, typeof value === "string" ? value : JSON.stringify(value));
  const parsed: unknown = typeof value === "string" ? JSON.parse(value) : value;
  return byGrammar && validate(parsed) === null;
}

test("every text of a supported schema's grammar is JSON that fits the schema", () => {
  fc.assert(
    fc.property(SupportedSchema, fc.nat(), (schema, seed) => {
      const { constraint, validate } = compileConstraint(schema);
      const text = sampleGbnf(constraint.gbnf, { random: seededRandom(seed), charsMax: 300 });
      expect(validate(JSON.parse(text))).toBeNull();
    }),
    { numRuns: 800 },
  );
});

test("the closed schema for engines allows nothing that the caller's schema does not", () => {
  fc.assert(
    fc.property(SupportedSchema, fc.nat(), (schema, seed) => {
      const { constraint, validate } = compileConstraint(schema);
      const again = compileConstraint(constraint.jsonSchema);
      const text = sampleGbnf(again.constraint.gbnf, { random: seededRandom(seed), charsMax: 300 });
      expect(validate(JSON.parse(text))).toBeNull();
    }),
    { numRuns: 200 },
  );
});

test("llama.cpp reads the grammar of every supported schema, and refuses one that is broken", async () => {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
  const schemas = fc.sample(SupportedSchema, { numRuns: 150, seed: 20_261_123 });
  for (const schema of schemas) {
    const { gbnf } = compileConstraint(schema).constraint;
    await expect(llama.createGrammar({ grammar: gbnf })).resolves.toBeDefined();
  }
  await expect(llama.createGrammar({ grammar: 'root ::= "a" missing-rule\n' })).rejects.toThrow("grammar");
  await llama.dispose();
});

const PERSON = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 3 },
    age: { type: "integer", minimum: 0, maximum: 130 },
    nick: { type: ["string", "null"] },
    tags: { type: "array", items: { enum: ["a", "b"] }, maxItems: 2 },
    mail: { anyOf: [{ type: "string", format: "date" }, { type: "boolean" }] },
  },
  required: ["name", "tags"],
};

test.each([
  [PERSON, { name: "Ада", tags: [] }],
  [PERSON, { name: "😀😀😀", age: 130, nick: null, tags: ["a", "b"], mail: "2024-02-29" }],
  [PERSON, '{"name":"a\\n\\u00e9","age":0,"tags":["b"],"mail":true}'],
  [{ type: "object", properties: { a: { type: "null" }, b: {}, c: {} } }, { b: [1.5e3, { x: ["y"] }] }],
  [{ type: "object", properties: { a: { type: "null" }, b: {}, c: {} } }, {}],
  [
    { type: "object", properties: { a: { type: "null" }, b: {}, c: {} } },
    { a: null, c: "" },
  ],
  [{ type: "object" }, { anything: { goes: [true] } }],
  [
    { type: "object", additionalProperties: { type: "integer" } },
    { x: 1, y: -20 },
  ],
  [{ type: "object", properties: {}, additionalProperties: false }, {}],
  [{ enum: [{ a: 1 }, "x", null, -0.5] }, { a: 1 }],
  [{ const: 'line\nbreak "quoted" \\ 😀' }, '"line\\nbreak \\"quoted\\" \\\\ 😀"'],
  [{ type: "string", format: "date-time" }, '"2026-11-23T22:59:59.5+03:00"'],
  [{ type: "string", format: "uuid" }, '"c0b92f3a-0000-4abc-8def-0123456789aB"'],
  [{ type: "string", format: "ipv4" }, '"192.168.255.0"'],
  [{ type: "array", minItems: 2, maxItems: 300, items: { type: "boolean" } }, Array.from({ length: 300 }, () => true)],
  [{ type: "string", minLength: 3_000, maxLength: 3_001 }, JSON.stringify("é".repeat(3_001))],
  [{ oneOf: [{ type: "string" }, { type: "integer" }, { type: "null" }] }, 7],
])("%j can be %j", (schema, value) => {
  expect(accepts(schema, value)).toBe(true);
});

test.each([
  [PERSON, { name: "", tags: [] }],
  [PERSON, { name: "😀😀😀😀", tags: [] }],
  [PERSON, { name: "a", age: 131, tags: [] }],
  [PERSON, { name: "a" }],
  [PERSON, { name: "a", tags: ["a", "b", "a"] }],
  [PERSON, { name: "a", tags: ["c"] }],
  [PERSON, { name: "a", tags: [], mail: "2023-02-29" }],
  [
    { ...PERSON, additionalProperties: false },
    { name: "a", tags: [], extra: 1 },
  ],
  [{ type: "string", minLength: 3_000, maxLength: 3_001 }, JSON.stringify("e".repeat(3_002))],
  [{ type: "string", minLength: 3_000, maxLength: 3_001 }, JSON.stringify("e".repeat(2_999))],
  [{ type: "array", maxItems: 300, items: {} }, Array.from({ length: 301 }, () => 1)],
  [{ type: "string", format: "time" }, '"24:00:00Z"'],
  [{ const: { a: 1 } }, { a: 2 }],
  [{ type: "integer" }, "1.5"],
  [{ type: "object", properties: { toString: { type: "string" } }, required: ["toString"] }, {}],
])("%j cannot be %j", (schema, value) => {
  const { constraint, validate } = compileConstraint(schema);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  expect(gbnfAccepts(constraint.gbnf, text)).toBe(false);
  expect(validate(JSON.parse(text))).not.toBeNull();
});

test("a recursive schema can be nested, and a value too deep for the stack is refused, not thrown", () => {
  const node = { type: "object", properties: { next: { $ref: "#" } } };
  expect(accepts(node, { next: { next: {} } })).toBe(true);
  const { validate } = compileConstraint(node);
  let deep: unknown = {};
  for (let level = 0; level < 200_000; level++) deep = { next: deep };
  expect(validate(deep)).toContain("deep");
});

test("members come in the order of the schema", () => {
  const schema = { type: "object", properties: { b: { type: "null" }, a: { type: "null" } }, required: ["a", "b"] };
  expect(accepts(schema, '{"b":null,"a":null}')).toBe(true);
  expect(gbnfAccepts(compileConstraint(schema).constraint.gbnf, '{"a":null,"b":null}')).toBe(false);
});

test("the same schema is compiled once", () => {
  expect(compileConstraint({ type: "null", title: "one" })).toBe(compileConstraint({ type: "null", title: "one" }));
});

test("the grammar of a hundred optional members grows with their number, not with their subsets", () => {
  const bytes = (count: number) => compileConstraint(optionalMembers(count)).constraint.gbnf.length;
  expect(bytes(100)).toBeLessThan(12 * bytes(10));
  expect(accepts(optionalMembers(100), { member3: true, member97: false })).toBe(true);
});

function optionalMembers(count: number) {
  const members = Array.from({ length: count }, (_, index) => [`member${index}`, { type: "boolean" }]);
  return { type: "object", properties: Object.fromEntries(members) };
}
