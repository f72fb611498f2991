import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openFence, splitBlocks } from "./split-blocks.ts";

const line = fc.constantFrom(
  "",
  "",
  "words",
  "# heading",
  "- item",
  "  under it",
  "1. one",
  "```",
  "```ts",
  "~~~",
  "$$",
  "\\[",
  "\\]",
  "| a | b |",
  "    indented",
  "> said",
);
const text = fc.array(line, { maxLength: 30 }).map((lines) => lines.map((words) => `${words}\n`).join(""));

describe("blocks of Markdown", () => {
  test("join to the original text", () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (whole) => {
        expect(splitBlocks(whole).join("")).toBe(whole);
      }),
    );
  });

  test("do not change while the text grows, except the last", () => {
    fc.assert(
      fc.property(text, text, (begin, rest) => {
        const early = splitBlocks(begin).slice(0, -1);
        expect(splitBlocks(begin + rest).slice(0, early.length)).toEqual(early);
      }),
    );
  });

  test("do not split code, formulas, or the content of a list item", () => {
    const whole = ["```", "a", "", "b", "```"].join("\n");
    expect(splitBlocks(whole)).toEqual([whole]);
    expect(splitBlocks("$$\na\n\nb\n$$")).toHaveLength(1);
    expect(splitBlocks("- a\n\n  still a\n\nafter")).toEqual(["- a\n\n  still a\n\n", "after"]);
    expect(splitBlocks("see [this][1]\n\n[1]: https://example.org")).toHaveLength(1);
  });

  test("an open code fence is recognised at once, a closed one is left to the parser", () => {
    expect(openFence("```ts\nlet a = 1;")).toEqual({ language: "ts", code: "let a = 1;" });
    expect(openFence("```ts\nlet a;\n```\n")).toBeNull();
    expect(openFence("words")).toBeNull();
  });
});
