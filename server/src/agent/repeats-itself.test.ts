import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RepetitionWatch } from "./repeats-itself.ts";

const isSeen = (text: string, size = 3) => {
  const watch = new RepetitionWatch();
  for (let at = 0; at < text.length; at += size) if (watch.push(text.slice(at, at + size))) return true;
  return false;
};

test("a piece that is repeated over and over is seen, whatever came before and however it is cut", () => {
  const Piece = fc.string({ unit: fc.constantFrom("1", ".", " ", "а", "x"), minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.lorem(), Piece, fc.integer({ min: 1, max: 50 }), (before, piece, size) => {
      fc.pre(/[1аx]/u.test(piece));
      expect(isSeen(before + piece.repeat(Math.ceil(400 / piece.length)), size)).toBe(true);
    }),
  );
});

test.each([
  ["prose", "The quick brown fox jumps over the lazy dog. ".repeat(3)],
  ["a rule under a table", `| a | b |\n|${"-".repeat(400)}|`],
  ["a table of like rows", Array.from({ length: 60 }, (_, row) => `| row ${row} | ${row * row} |`).join("\n")],
  ["laughter", "ha".repeat(60)],
])("%s is not", (_, text) => expect(isSeen(text)).toBe(false));
