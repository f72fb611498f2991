import { restOfGrammar } from "@starai/protocol/gbnf/rest-of-grammar";
import { GrammarWalker } from "@starai/protocol/gbnf/grammar-walker";
import { afterEach, expect, test, vi } from "vitest";
import { FollowedAnswer, restAfter } from "./rest-after.ts";

afterEach(() => void vi.restoreAllMocks());

const LIST = 'root ::= "[" item ("," item)* "]"\nitem ::= [0-9]+\n';
const refused = (words: string) =>
  expect.objectContaining({ code: "constraint_refused", message: expect.stringContaining(words) });

test("an answer that grows has at each point the rest that the whole text has", () => {
  const answer = new FollowedAnswer(LIST);
  for (const text of ["", "[1", "[1", "[1,22,", "[1,22,333]"])
    expect(answer.restAfter(text)).toBe(restOfGrammar(LIST, text));
});

test("asking often reads no character of an answer twice", () => {
  const read = vi.spyOn(GrammarWalker.prototype, "accept");
  const answer = new FollowedAnswer(LIST);
  let text = "[1";
  for (let asked = 0; asked < 100; asked++) answer.restAfter((text += ",1"));
  expect(read).toHaveBeenCalledTimes(text.length);
});

test("a text outside of the grammar, and what is no grammar, are refused as the job's fault", () => {
  expect(() => new FollowedAnswer(LIST).restAfter("[1,,")).toThrow(refused("does not fit"));
  expect(() => restAfter("no grammar", "[")).toThrow(refused("cannot be continued"));
});
