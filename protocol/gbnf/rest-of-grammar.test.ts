import { expect, test } from "vitest";
import { GrammarWalker, TooAmbiguous } from "./grammar-walker.ts";
import { FollowedText, restOfGrammar } from "./rest-of-grammar.ts";

function accepts(gbnf: string | null, text: string): boolean {
  if (gbnf === null) return false;
  const walker = new GrammarWalker(gbnf);
  return walker.accept(text) === text.length && walker.canEnd();
}

/** Brackets as deep as one likes: the root is reached again, and `rest` is a name of the grammar's own. */
const NESTED = 'root ::= "[" (root ("," root)*)? "]" | rest\nrest ::= [0-9]{1,3}\n';
const whole = "[1,[22,[]],333]";

test("after every part of a text the rest of the grammar takes what was to come, and nothing more", () => {
  for (let at = 0; at < whole.length; at++) {
    const rest = restOfGrammar(NESTED, whole.slice(0, at));
    expect(accepts(rest, whole.slice(at))).toBe(true);
    expect(accepts(rest, `${whole.slice(at)}]`)).toBe(false);
    expect(accepts(rest, whole.slice(at, -1))).toBe(false);
  }
});

test("a rest has a rest itself, however often", () => {
  let rest: string | null = NESTED;
  for (const character of whole) rest = restOfGrammar(rest!, character);
  expect(accepts(rest, "")).toBe(true);
  expect(restOfGrammar(rest!, "1")).toBeNull();
});

test("a text that no text of the grammar begins with has no rest", () => {
  for (const text of ["]", "[1,,", "1234", "[1]]", " "]) expect(restOfGrammar(NESTED, text)).toBeNull();
});

test("a repetition has as many turns left as it has not had", () => {
  const rest = restOfGrammar('root ::= ("a" [0-9]){3,5} "."', "a1a2a");
  expect(accepts(rest, "3.")).toBe(true);
  expect(accepts(rest, "3a4a5.")).toBe(true);
  expect(accepts(rest, "3a4a5a6.")).toBe(false);
  expect(accepts(restOfGrammar('root ::= "a"{3,} "."', "a"), "a.")).toBe(false);
});

test("a text that is read on piece by piece has the same rest as one read at once, and one that leaves the grammar says so", () => {
  const followed = new FollowedText(NESTED);
  for (const piece of ["[1,", "", "[22,[]]", ",3"]) expect(followed.add(piece)).toBe(true);
  expect(followed.rest()).toBe(restOfGrammar(NESTED, "[1,[22,[]],3"));
  expect(followed.add("x")).toBe(false);
});

test("a grammar with too many readings, and one whose rest would be too long, are refused as such", () => {
  const rules = Array.from(
    { length: 14 },
    (_, at) => `r${at} ::= [a]* r${at + 1} | [a] r${at + 1} [a]* r${at + 1}\n`,
  ).join("");
  const ambiguous = `root ::= r0\n${rules}r14 ::= [a]*\n`;
  expect(() => restOfGrammar(ambiguous, "a".repeat(400))).toThrow(TooAmbiguous);
  const long = `root ::= "a" (root | "b") "${"x".repeat(100_000)}"`;
  expect(accepts(restOfGrammar(long, "aa"), `b${"x".repeat(200_000)}`)).toBe(true);
  expect(() => restOfGrammar(long, "a".repeat(12))).toThrow(TooAmbiguous);
});
