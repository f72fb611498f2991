import { expect, test } from "vitest";
import { withFormulas } from "./formulas.ts";

test.each([
  ["so \\(a^2\\) holds", "so $$a^2$$ holds"],
  ["so $a^2$ holds", "so $$a^2$$ holds"],
  ["\\[ x \\]", "\n$$\nx\n$$\n"],
  ["$$x$$", "$$x$$"],
])("a formula is read however it is written: %s", (written, read) => {
  expect(withFormulas(written)).toEqual({ text: read, has: true });
});

test.each(["from $5 to $10", "it costs $5", "`$a$` is code", "```\n$a$\n```", "no formula"])(
  "a price or code is no formula: %s",
  (text) => {
    expect(withFormulas(text)).toEqual({ text, has: false });
  },
);

test.each(["\\(", "\\[", "$x", "`x", "``", "\\)"])("an answer full of %s is parsed in linear time", (mark) => {
  // Unclosed openings would take minutes if each were followed to the end of the answer.
  expect(withFormulas(mark.repeat(300_000)).text.length).toBeGreaterThan(300_000);
});

test("a formula ends at the first closing mark and begins at the last opening mark before it", () => {
  expect(withFormulas(String.raw`\(a \(b\) c`)).toEqual({ text: String.raw`\(a $$b$$ c`, has: true });
});
