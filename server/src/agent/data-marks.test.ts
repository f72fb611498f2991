import * as fc from "fast-check";
import { expect, test } from "vitest";
import { breakMarks, markResult } from "./data-marks.ts";

test("nothing inside a result can end it or begin another", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("<", "/", "result", ">", " ", "RESULT", "<\n", 'tool="x"', "text", "\t"), {
        maxLength: 30,
      }),
      (parts) => {
        const marked = markResult("read_web_page", { ok: true, text: parts.join("") });
        expect(marked.match(/<\s*\/?\s*result\b/giu)).toHaveLength(2);
        expect(marked.startsWith('<result tool="read_web_page">')).toBe(true);
        expect(marked.endsWith("</result>")).toBe(true);
      },
    ),
  );
});

test("a person's message keeps every other sign", () => {
  expect(breakMarks("1 < 2 <b>bold</b> </results> <result>")).toBe("1 < 2 <b>bold</b> </results> ‹result>");
});

test("a long observation is cut", () => {
  expect(markResult("x", { ok: true, text: "a".repeat(100_000) }).length).toBeLessThan(5_000);
});

test("a long run of blank space is scanned once, so a hostile message cannot make reading slow", () => {
  // A backtracking pattern would need half an hour for this.
  const blank = " ".repeat(1_000_000);
  expect(breakMarks(`<${blank}x`)).toBe(`<${blank}x`);
  expect(breakMarks(`<${blank}/${blank}result>`)).toBe(`‹${blank}/${blank}result>`);
});
