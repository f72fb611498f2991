import { expect, test } from "vitest";
import { GrammarWalker, TooAmbiguous } from "./grammar-walker.ts";
import { restAfterBytes, restOfGrammar } from "./rest-of-grammar.ts";

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

const bytes = (text: string, count: number) => new TextEncoder().encode(text).subarray(0, count);

test("inside a character only those that begin with its bytes may follow", () => {
  const letters = 'root ::= "<" [a-zЀ-ӿ😀-🙏]{2} ">"';
  const smile = restAfterBytes(letters, "<а", bytes("😁", 3));
  expect(accepts(smile, "😁>")).toBe(true);
  expect(accepts(smile, "😂>")).toBe(true);
  // Another third byte.
  expect(accepts(smile, "🙏>")).toBe(false);
  expect(accepts(smile, "b>")).toBe(false);
  expect(accepts(restAfterBytes(letters, "<", bytes("ж", 1)), "жb>")).toBe(true);
  expect(restAfterBytes(letters, "<", bytes("ж", 0))).toBe(restOfGrammar(letters, "<"));
  // A character that the grammar does not have there, one that is not begun so, and a text that does not fit.
  expect(restAfterBytes(letters, "<ab", bytes("ж", 1))).toBeNull();
  expect(restAfterBytes(letters, "<", new Uint8Array([0xff]))).toBeNull();
  expect(restAfterBytes(letters, ">", bytes("ж", 1))).toBeNull();
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
