import { expect, test } from "vitest";
import { firstWords } from "./first-words.ts";

test("a message is named by its first whole words, without Markdown, and no emoji is cut in two", () => {
  expect(firstWords("**Hi** there")).toBe("Hi there");
  expect(firstWords("one two three four five six seven eight nine ten")).toBe(
    "one two three four five six seven eight…",
  );
  expect(firstWords("🙂".repeat(100))).toBe(`${"🙂".repeat(40)}…`);
  expect(firstWords("")).toBe("");
});
