import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StoppedText } from "./stopped-text.ts";

function read(pieces: readonly string[], stops: readonly string[]): string {
  const text = new StoppedText(stops);
  return pieces.map((piece) => text.push(piece)).join("") + text.release();
}

test("a text ends before its first stop text, wherever it is cut, and is whole without one", () => {
  const Letters = fc.string({ unit: fc.constantFrom("a", "b", "\n", "я"), maxLength: 30 });
  const Stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), minLength: 1, maxLength: 4 }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.array(Letters, { maxLength: 8 }), Stops, (pieces, stops) => {
      const whole = pieces.join("");
      const ends = stops.map((stop) => whole.indexOf(stop)).filter((at) => at >= 0);
      expect(read(pieces, stops)).toBe(whole.slice(0, Math.min(whole.length, ...ends)));
    }),
    { numRuns: 500 },
  );
});

test("nothing that could be the beginning of a stop text leaves early", () => {
  const text = new StoppedText(["\nObservation:"]);
  expect(text.push("42\nObs")).toBe("42");
  expect(text.isStopped).toBe(false);
  expect(text.push("ervation: made up")).toBe("");
  expect(text.isStopped).toBe(true);
  expect(text.push("more") + text.release()).toBe("");
});
