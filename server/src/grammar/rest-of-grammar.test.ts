/** The rest of the grammars that requests bring. The hand-made ones are in protocol/gbnf. */
import { TooAmbiguous } from "@starai/protocol/gbnf/grammar-walker";
import { FollowedText, restOfGrammar } from "@starai/protocol/gbnf/rest-of-grammar";
import * as fc from "fast-check";
import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import { expect, test, vi } from "vitest";
import { compileConstraint } from "./compile-constraint.ts";
import { gbnfAccepts, sampleGbnf, seededRandom } from "./gbnf-sampler.ts";
import { SupportedSchema } from "./random-schema.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const RUNS = isLong ? 600 : 400;
/** Cuts of one text; `npm run test:long` makes them all. */
const CUTS_MAX = isLong ? Infinity : 4;
const CHARS_MAX = 100;
if (isLong) vi.setConfig({ testTimeout: 1_200_000 });

/** A schema's grammar, one of its texts, and where to cut that. */
function written(schema: unknown, seed: number) {
  const { constraint, validate } = compileConstraint(schema);
  const random = seededRandom(seed);
  const characters = Array.from(sampleGbnf(constraint.gbnf, { random, charsMax: CHARS_MAX }));
  const every = Math.max(1, Math.ceil(characters.length / CUTS_MAX));
  const cuts = [...characters.keys(), characters.length].filter((at) => at % every === seed % every);
  return { gbnf: constraint.gbnf, validate, random, characters, cuts };
}

const text = (characters: readonly string[]) => characters.join("");

/** One character replaced by another; an empty text has one more. */
function spoiled(characters: readonly string[], random: () => number): string {
  const other = ["}", '"', "a", "7", ",", "ж"][Math.floor(random() * 6)]!;
  return text(characters.toSpliced(Math.floor(random() * characters.length), 1, other));
}

test("cut anywhere, an answer's end and any other text of the rest make a whole that fits the schema", () => {
  fc.assert(
    fc.property(SupportedSchema, fc.nat(), (schema, seed) => {
      const { gbnf, validate, random, characters, cuts } = written(schema, seed);
      for (const at of cuts) {
        const committed = text(characters.slice(0, at));
        const rest = restOfGrammar(gbnf, committed)!;
        // Read on to here, in two pieces, it is the same.
        const followed = new FollowedText(gbnf);
        const middle = Math.floor(at / 2);
        expect([
          followed.add(text(characters.slice(0, middle))),
          followed.add(text(characters.slice(middle, at))),
        ]).toEqual([true, true]);
        expect(followed.rest()).toBe(rest);
        expect(gbnfAccepts(rest, text(characters.slice(at)))).toBe(true);
        const whole = committed + sampleGbnf(rest, { random, charsMax: CHARS_MAX });
        expect(gbnfAccepts(gbnf, whole)).toBe(true);
        expect(validate(JSON.parse(whole))).toBeNull();
      }
    }),
    { numRuns: RUNS },
  );
});

test("the rest takes a spoiled end only where the grammar takes it, and a spoiled beginning has no rest", () => {
  let refused = 0;
  fc.assert(
    fc.property(SupportedSchema, fc.nat(), (schema, seed) => {
      const { gbnf, random, characters, cuts } = written(schema, seed);
      const at = cuts[Math.floor(random() * cuts.length)] ?? 0;
      const [before, after] = [characters.slice(0, at), characters.slice(at)];
      const end = spoiled(after, random);
      expect(gbnfAccepts(restOfGrammar(gbnf, text(before))!, end)).toBe(gbnfAccepts(gbnf, text(before) + end));
      const begin = spoiled(before, random);
      const fits = sampleGbnf(gbnf, { random, after: begin, charsMax: 1 }) !== null;
      if (!fits) refused++;
      expect(restOfGrammar(gbnf, begin) !== null).toBe(fits);
    }),
    { numRuns: RUNS },
  );
  expect(refused).toBeGreaterThan(RUNS / 10);
});

test("llama.cpp reads the rest of every supported schema's grammar", async () => {
  const llama = await getLlama({ gpu: false, build: "never", logLevel: LlamaLogLevel.disabled });
  const cases = fc.sample(fc.tuple(SupportedSchema, fc.nat()), { numRuns: isLong ? 200 : 100, seed: 20_261_130 });
  for (const [schema, seed] of cases) {
    const { gbnf, characters, cuts } = written(schema, seed);
    for (const at of cuts) {
      const rest = restOfGrammar(gbnf, text(characters.slice(0, at)))!;
      await expect(llama.createGrammar({ grammar: rest })).resolves.toBeDefined();
    }
  }
  await llama.dispose();
});

// Reading up to the bound takes seconds.
test.runIf(isLong)("a text with many readings at each character is given up, not read for minutes", () => {
  const slow = `root ::= ${Array.from({ length: 1_000 }, (_, at) => `[a]{0,20000} "${at}"`).join(" | ")}\n`;
  expect(gbnfAccepts(restOfGrammar(slow, "aa")!, "a999")).toBe(true);
  expect(() => restOfGrammar(slow, "a".repeat(10_000))).toThrow(TooAmbiguous);
});
