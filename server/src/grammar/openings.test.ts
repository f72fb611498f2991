import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compileConstraint } from "./compile-constraint.ts";
import { gbnfAccepts, sampleGbnf, seededRandom } from "./gbnf-sampler.ts";
import { opensAs } from "./openings.ts";

const schema = { type: "string", minLength: 1, maxLength: 200, "x-opening": "cyrillic" };
const { constraint, validate } = compileConstraint(schema);
const pattern = new RegExp((constraint.jsonSchema as { pattern: string }).pattern, "u");

test.each([
  "Сейчас 23:05.",
  "15% от 2480 — это 372.",
  "372",
  "«Преступление и наказание» написал Достоевский.",
  "```python\nprint(1)\n```",
  "🙂 Да, StarAI.",
])("an answer in Russian may be %j", (text) => {
  expect(validate(text)).toBeNull();
  expect(gbnfAccepts(constraint.gbnf, JSON.stringify(text))).toBe(true);
});

test.each(["It's 11:05 PM in Tokyo.", "15% of 2480 is 372.", "Élan", "", "1".repeat(25) + " да"])(
  "it may not be %j",
  (text) => {
    expect(validate(text)).not.toBeNull();
    expect(gbnfAccepts(constraint.gbnf, JSON.stringify(text))).toBe(false);
  },
);

test("grammar, check and pattern agree on every text", () => {
  const Text = fc.string({
    unit: fc.constantFrom("a", "Z", "é", "д", "Ё", "7", " ", "`", "\n", '"', "—", "🙂"),
    maxLength: 80,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        Text,
        Text.map((text) => `\`\`\`${text}`),
      ),
      (text) => {
        const fits = text !== "" && opensAs("cyrillic", text);
        expect(gbnfAccepts(constraint.gbnf, JSON.stringify(text))).toBe(fits);
        expect(pattern.test(text) && text !== "").toBe(fits);
        expect(validate(text) === null).toBe(fits);
      },
    ),
    { numRuns: 300 },
  );
});

test("grammar, check and pattern agree on an opening letter", () => {
  const letter = compileConstraint({ type: "string", minLength: 1, maxLength: 80, "x-opening": "letter" });
  const { pattern: source } = letter.constraint.jsonSchema as { pattern: string };
  for (const [text, fits] of [
    ["Tokyo", true],
    ["UTC+3", true],
    ["Ялта", true],
    ["8 pm Rome", false],
    [" Rome", false],
    ["", false],
  ] as const) {
    expect(gbnfAccepts(letter.constraint.gbnf, JSON.stringify(text))).toBe(fits);
    expect(letter.validate(text) === null).toBe(fits);
    expect(new RegExp(source, "u").test(text)).toBe(fits);
  }
});

test("whatever the grammar writes passes the check", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const text: unknown = JSON.parse(sampleGbnf(constraint.gbnf, { random: seededRandom(seed), charsMax: 80 }));
      expect(validate(text)).toBeNull();
    }),
    { numRuns: 200 },
  );
});

test.each([{ maxLength: undefined }, { minLength: 2 }, { "x-opening": "latin" }, { format: "date" }])(
  "an opening beside %j is refused at its place",
  (odd) => {
    const strange = JSON.parse(JSON.stringify({ ...schema, ...odd })) as unknown;
    expect(() => compileConstraint(strange)).toThrow(expect.objectContaining({ param: "/x-opening" }));
  },
);
