import * as fc from "fast-check";
import { expect, test } from "vitest";
import { GbnfRules, gbnfLiteral } from "./gbnf-rules.ts";
import { gbnfAccepts, sampleGbnf, seededRandom } from "./gbnf-sampler.ts";

test("a repetition accepts every count between its bounds and no other, however long", () => {
  fc.assert(
    fc.property(fc.nat(700), fc.nat(700), fc.nat(1_500), (min, more, count) => {
      const rules = new GbnfRules();
      rules.define("unit", '"x"');
      const gbnf = rules.text(`"<" ${rules.repeat("unit", min, min + more)} ">"`);
      expect(gbnfAccepts(gbnf, `<${"x".repeat(count)}>`)).toBe(count >= min && count <= min + more);
      for (const edge of [min, min + more]) expect(gbnfAccepts(gbnf, `<${"x".repeat(edge)}>`)).toBe(true);
      // Above 2,000 the engine would ignore the upper bound.
      for (const [, bound] of gbnf.matchAll(/\{(?:\d+,)?(\d+)\}/g)) expect(Number(bound)).toBeLessThan(2_000);
    }),
    { numRuns: 100 },
  );
});

test("a literal matches exactly its text, whatever its characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const gbnf = `root ::= ${gbnfLiteral(text)} "."\n`;
      expect(sampleGbnf(gbnf, { random: seededRandom(1) })).toBe(`${text}.`);
    }),
  );
});

test("the random model writes the same text for the same seed, and other texts for other seeds", () => {
  const gbnf = "root ::= [a-z]{20}\n";
  const write = (seed: number) => sampleGbnf(gbnf, { random: seededRandom(seed) });
  expect(write(7)).toBe(write(7));
  expect(new Set([1, 2, 3, 4, 5].map(write)).size).toBe(5);
});

test("past its maximum length the random model ends as soon as it can", () => {
  const gbnf = 'root ::= "[" (root ("," root)*)? "]"\n';
  for (let seed = 0; seed < 50; seed++) {
    const text = sampleGbnf(gbnf, { random: seededRandom(seed), charsMax: 200 });
    expect(Array.isArray(JSON.parse(text))).toBe(true);
    expect(text.length).toBeLessThan(700);
  }
});
