import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { checkSchemaBudget } from "./schema-budget.ts";

function refusalOf(...schemas: unknown[]): Refusal | null {
  try {
    checkSchemaBudget(schemas.map((schema, index) => ({ field: `tools[${index}]`, schema })));
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

const record = (count: number, value: unknown = {}) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, value]));

test("64 ordinary tools are accepted", () => {
  const tool = { type: "object", properties: record(15, { type: "string", description: "what it is for" }) };
  expect(refusalOf(...Array.from({ length: 64 }, () => tool))).toBeNull();
});

test("16 tools of 500 properties are refused with the field's name, though each alone would be accepted", () => {
  const tool = { type: "object", properties: record(500) };
  expect(refusalOf(tool, tool)).toBeNull();
  const refusal = refusalOf(...Array.from({ length: 16 }, () => tool));
  expect(refusal).toMatchObject({ code: "unsupported_schema", param: "tools[2]" });
  expect(refusal?.message).toContain("1000 properties together");
});

test("a property named properties is counted once, and data that looks like a schema is not counted", () => {
  expect(refusalOf({ properties: { properties: { properties: record(1_000) } } })).not.toBeNull();
  expect(refusalOf({ properties: { properties: { enum: [record(1_000)] } } })).toBeNull();
});

test("a schema that is too long or too deep is refused without recursion and without reading all of it", () => {
  let deep: unknown = {};
  for (let level = 0; level < 200_000; level++) deep = [deep];
  expect(refusalOf(deep)?.message).toContain("nested too deep");
  for (const long of [
    "x".repeat(140_000),
    Array.from({ length: 140_000 }, () => 1),
    record(40_000),
    { a: ["é".repeat(70_000)] },
  ]) {
    expect(refusalOf({ enum: long })?.message).toContain("128 KB together");
  }
});

test("a schema over the byte limit is refused, and one well under it is accepted", () => {
  const mib = 1024 * 1024;
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.nat(40), (value, copies) => {
      const list = { enum: Array.from({ length: copies * 100 }, () => value) };
      const bytes = Buffer.byteLength(JSON.stringify(list));
      const passes = refusalOf(list) === null;
      // Escapes and punctuation are counted roughly, so both results are right near the limit.
      expect(passes ? bytes <= mib / 4 : bytes * 3 >= mib / 8).toBe(true);
    }),
  );
});
