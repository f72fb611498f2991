import type { PromptPiece } from "@starai/protocol/template";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { countUpTo } from "./count-up-to.ts";

/** A tokeniser of whole words of at most eight letters, which knows how many letters it read. */
function words() {
  const tokeniser = {
    read: 0,
    count: ({ value }: PromptPiece) => {
      tokeniser.read += value.length;
      return (value.match(/[^ ]{1,8}| /g) ?? []).length;
    },
  };
  return tokeniser;
}

const text = (value: string): PromptPiece => ({ kind: "text", value });
const pieces = fc.array(
  fc
    .tuple(fc.stringMatching(/^[a-z ]{1,40}$/), fc.integer({ min: 1, max: 9_000 }))
    .map(([part, times]) => text(part.repeat(times))),
  { maxLength: 4 },
);

test("a prompt that fits is counted exactly, however long, and one that does not never counts as fitting", () => {
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 200_000 }), (prompt, enough) => {
      const exact = prompt.reduce((sum, piece) => sum + words().count(piece), 0);
      const counted = countUpTo(words().count, prompt, enough);
      expect(exact <= enough ? counted === exact : counted > enough).toBe(true);
    }),
  );
});

test("a prompt far too long is read no further than it takes to see that", () => {
  const tokeniser = words();
  expect(countUpTo(tokeniser.count, [text("word ".repeat(200_000))], 2_000)).toBeGreaterThan(2_000);
  expect(tokeniser.read).toBeLessThan(50_000);
});
