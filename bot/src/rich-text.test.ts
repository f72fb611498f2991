import * as fc from "fast-check";
import { expect, test } from "vitest";
import { richText } from "./rich-text.ts";

test("a rich message's words are read block by block, a line each", () => {
  const blocks = [
    { type: "heading", size: 1, text: ["Two ", { type: "bold", text: "cards" }] },
    { type: "paragraph", text: [{ type: "italic", text: ["Prices ", { type: "code", text: "change" }] }, "."] },
    { type: "divider" },
    { type: "list", items: [{ label: "1.", blocks: [{ type: "paragraph", text: "Small" }] }] },
    {
      type: "table",
      cells: [
        [{ text: "a" }, { text: "b" }],
        [{ text: "1" }, {}],
      ],
    },
    { type: "details", summary: "More", blocks: [{ type: "pre", text: "x = 1\ny = 2" }] },
    { type: "mathematical_expression", expression: "a^2" },
  ];
  expect(richText(blocks)).toBe("Two cards\nPrices change.\nSmall\na | b\n1 | \nMore\nx = 1\ny = 2\na^2");
});

test("a rich message of any shape is read without an error", () => {
  let deep: unknown = "deep";
  for (let level = 0; level < 100_000; level++) deep = { blocks: [deep] };
  expect(richText([deep])).toBe("");
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(typeof richText([value, { text: value }])).toBe("string");
    }),
  );
});
