import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatText } from "./format-text.ts";

const refusal = (source: string, mode: string): string => {
  try {
    formatText(source, mode);
  } catch (error) {
    return error instanceof Error ? error.message.replace("Bad Request: can't parse entities: ", "") : "";
  }
  return "";
};

test.each([
  [
    "<b>bold</b> <i>it</i>",
    "bold it",
    [
      ["bold", 0, 4],
      ["italic", 5, 2],
    ],
  ],
  [
    "<b>a<i>b</i></b>",
    "ab",
    [
      ["bold", 0, 2],
      ["italic", 1, 1],
    ],
  ],
  ['<pre><code class="language-ts">x</code></pre>', "x", [["pre", 0, 1]]],
  ["1 &lt; 2 &amp; &#x41;", "1 < 2 & A", []],
  ['<a href="https://a.example/">x</a>', "x", [["text_link", 0, 1]]],
  ["<blockquote expandable>q</blockquote>", "q", [["expandable_blockquote", 0, 1]]],
  ["  <b> x </b>  ", "x", [["bold", 0, 1]]],
  ["🏟<b>x</b>", "🏟x", [["bold", 2, 1]]],
])("HTML %s is read as Telegram reads it", (source, text, entities) => {
  const formatted = formatText(source, "html");
  expect(formatted.text).toBe(text);
  expect(formatted.entities.map(({ type, offset, length }) => [type, offset, length])).toEqual(entities);
});

test.each([
  ["<b>x", 'Can\'t find end tag corresponding to start tag "b"'],
  ["<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
  ["x</b>", "Unexpected end tag at byte offset 1"],
  ["я<div>x</div>", 'Unsupported start tag "div" at byte offset 2'],
  ["a < b", "Unclosed start tag at byte offset 2"],
])("HTML %s is refused in Telegram's words", (source, words) => {
  expect(refusal(source, "HTML")).toBe(words);
});

test.each([
  ["*b* _i_ __u__ ~s~ ||h||", "b i u s h", ["bold", "italic", "underline", "strikethrough", "spoiler"]],
  ["*a _b_*", "a b", ["bold", "italic"]],
  ["```ts\nx\\`y\n```", "x`y", ["pre"]],
  ["[a\\.b](https://x.example/\\))", "a.b", ["text_link"]],
  [">q\n>r\nx", "q\nr\nx", ["blockquote"]],
])("MarkdownV2 %j is read as Telegram reads it", (source, text, types) => {
  const formatted = formatText(source, "MarkdownV2");
  expect(formatted.text).toBe(text);
  expect(formatted.entities.map(({ type }) => type)).toEqual(types);
});

// Cases and messages from Telegram's own parser tests.
test.each([
  ["🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"],
  ["🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"],
  ["🏟 🏟_abac * asd _", "Can't find end of Bold entity at byte offset 15"],
  ["🏟 🏟`", "Can't find end of Code entity at byte offset 9"],
  ["🏟 🏟```", "Can't find end of Pre entity at byte offset 9"],
  ["a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"],
])("MarkdownV2 %j is refused in Telegram's words", (source, words) => {
  expect(refusal(source, "MarkdownV2")).toBe(words);
});

test("old Markdown closes what it opens or is refused", () => {
  expect(formatText("*b* [x](https://a.example)", "Markdown").entities.map(({ type }) => type)).toEqual([
    "bold",
    "text_link",
  ]);
  expect(refusal("*unclosed", "markdown")).toBe("Can't find end of the entity starting at byte offset 0");
});

test("any escaped text is parsed back unchanged, in both modes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
      const html = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
      const markdown = text.replace(/[_*[\]()~`>#+\-=|{}.!\\]/g, "\\$&");
      expect(formatText(html, "HTML").text).toBe(text.trim());
      expect(formatText(markdown, "MarkdownV2").text).toBe(text.trim());
    }),
  );
});

test("any text is either parsed or refused in Telegram's words", () => {
  const hostile = fc.string({ unit: fc.constantFrom(...Array.from("ab<>/&;_*[](){}~`|>!\\\n -.🏟")) });
  fc.assert(
    fc.property(hostile, fc.constantFrom("HTML", "MarkdownV2", "Markdown"), (text, mode) => {
      const words = refusal(text, mode);
      const { text: read, entities } = words === "" ? formatText(text, mode) : { text: "", entities: [] };
      expect(words).toMatch(/^$|^(Can't|Character|Un|Tag)/);
      expect(entities.every(({ offset, length }) => offset + length <= read.length)).toBe(true);
    }),
  );
});
