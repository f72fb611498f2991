import { expect, test } from "vitest";
import { GrammarWalker } from "./grammar-walker.ts";
import { parseGbnf } from "./parse-gbnf.ts";
import { writeAlternatives } from "./write-gbnf.ts";

function accepts(body: string, text: string): boolean {
  const walker = new GrammarWalker(`root ::= ${body}\nA-1 ::= "x"\n`);
  return walker.accept(text) === text.length && walker.canEnd();
}

const CASES: [body: string, allowed: string[], forbidden: string[]][] = [
  [String.raw`"\x41\u0416\U0001F600\"\\\n"`, ['AЖ😀"\\\n'], ["AЖ😀", 'AЖ😀"\\n']],
  [String.raw`[^\x00-\x1f"\\]`, ["a", "😀", "["], ['"', "\\", "\n", "ab"]],
  [String.raw`[\[\]\x2d\x5e\u0430-\u0432\U0001F600-\U0001F602]{2}`, ["[]", "-^", "ав", "😁😂"], ["а", "гг", "😃a"]],
  ["[a-c-]", ["a", "b", "-"], ["d"]],
  ['"ab"{2,3} "c"', ["ababc", "abababc"], ["abc", "abbc", "ababababc"]],
  ['("a" | "" | "bc"?){2}', ["", "a", "abc", "bcbc"], ["abca"]],
  ["A-1+ [0-9]*", ["x", "xx12"], ["", "1"]],
  ['"a"{3}', ["aaa"], ["aa", "aaaa"]],
  ['"a"{2,} | "b"?', ["aa", "aaaaa", "b", ""], ["a", "bb"]],
];

test.each(CASES)("%s is read as llama.cpp reads it, and as what is written of it", (body, allowed, forbidden) => {
  const again = writeAlternatives(parseGbnf(`root ::= ${body}\nA-1 ::= "x"\n`).get("root")!, (name) => name);
  for (const text of allowed) expect([text, accepts(body, text), accepts(again, text)]).toEqual([text, true, true]);
  for (const text of forbidden) expect([text, accepts(body, text), accepts(again, text)]).toEqual([text, false, false]);
});

test.each([
  ["no rule at all", "not a rule: no rule at all"],
  ['start ::= "a"', "no rule root"],
  ["root ::= other", "no rule other"],
  ['root ::= "a', "cannot read"],
  ["root ::= [a", "cannot read"],
  ['root ::= ("a"', "cannot read"],
  ["root ::= [a]{3,2}", "cannot read"],
  [String.raw`root ::= "\q"`, "cannot read"],
  [String.raw`root ::= "\x4"`, "cannot read"],
  [String.raw`root ::= "\U00110000"`, "cannot read"],
  [`root ::= ${"(".repeat(100_000)}`, "cannot read"],
])("%.40s is refused", (text, why) => {
  expect(() => parseGbnf(text)).toThrow(why);
});
