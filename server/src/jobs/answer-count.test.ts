import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AnswerCount } from "./answer-count.ts";
import type { CountedText } from "./answer-count.ts";

const MOST = 1_000_000;

const withoutIds = (text: string): CountedText => ({ tokens: null, text, verified: false });

/** Texts of any script, cut into frames in any way, letter by letter among them. */
const anyFrames = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), { maxLength: 40 });

/** What a first text of three frames counts. */
const firstOf = (text: CountedText, kept?: string) => new AnswerCount(0, MOST).add(text, 3, kept);

function countOf(frames: readonly string[], count = new AnswerCount(0, MOST)): number {
  for (const text of frames) count.add(withoutIds(text), 1);
  return count.total;
}

describe("text without ids", () => {
  test("counts by its bytes, and at most one token a frame", () => {
    expect(countOf(["four", "of", "them", "!"])).toBe(3);
    expect(countOf(["one long piece of text"])).toBe(1);
    expect(countOf(["да", "да"])).toBe(2);
    expect(countOf([])).toBe(0);
  });

  test("earns no more in single letters over many frames than by its bytes", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const text = frames.join("");
        const most = Math.ceil(Buffer.byteLength(text) / 4);
        expect(countOf(frames)).toBeLessThanOrEqual(most);
        expect(countOf(Array.from(text))).toBeLessThanOrEqual(most);
        const padded = frames.flatMap((frame) => ["", frame, "", ""]);
        expect(countOf(padded)).toBeLessThanOrEqual(most);
      }),
    );
  });

  test("earns as much whether its frames are committed one by one or together", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const together = new AnswerCount(0, MOST);
        together.add(withoutIds(frames.join("")), frames.length);
        expect(together.total).toBe(countOf(frames));
      }),
    );
  });

  test("earns no more when a worker gives it up and takes it again after each letter", () => {
    fc.assert(
      fc.property(anyFrames, (frames) => {
        const count = new AnswerCount(0, MOST);
        const added = frames.map((text) => count.add(withoutIds(text), 1));
        expect(added.reduce((sum, tokens) => sum + tokens, 0)).toBe(count.total);
        for (const tokens of added) expect(tokens).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("ids", () => {
  test("count each where the vocabulary confirmed them", () => {
    const count = new AnswerCount(0, MOST);
    expect(count.add({ tokens: [1, 2, 3], text: "a", verified: true }, 1)).toBe(3);
  });

  test("that nobody could confirm count by their bytes, and never more than there are", () => {
    expect(firstOf({ tokens: Array(64).fill(7), text: "four", verified: false })).toBe(1);
    expect(firstOf({ tokens: [7, 7], text: "x".repeat(400), verified: false })).toBe(2);
  });

  test("and text beside them add up, from what a restart found", () => {
    const count = new AnswerCount(10, MOST);
    count.add({ tokens: [1, 2], text: "ab", verified: true }, 1);
    count.add(withoutIds("four"), 3);
    expect(count.total).toBe(13);
  });
});

describe("a stop string", () => {
  test("leaves what follows it unpaid, with ids as without", () => {
    const text = `word${"x".repeat(200)}`;
    expect(firstOf({ tokens: Array(60).fill(7), text, verified: true }, "word")).toBe(1);
    expect(firstOf(withoutIds(text), "word")).toBe(1);
    expect(firstOf({ tokens: Array(60).fill(7), text, verified: true }, "")).toBe(0);
  });

  test("cannot raise what its text counts", () => {
    expect(
      firstOf({ tokens: [1, 2], text: "a long text of two tokens", verified: true }, "a long text of two toke"),
    ).toBe(2);
  });
});

test("a bill is never for more than was asked for", () => {
  const count = new AnswerCount(0, 5);
  expect(count.add(withoutIds("x".repeat(100)), 20)).toBe(5);
  expect(count.add(withoutIds("x".repeat(100)), 20)).toBe(0);
});
