import * as fc from "fast-check";
import { expect, test } from "vitest";
import { StoppedText } from "./stopped-text.ts";

function read(pieces: readonly string[], stops: readonly string[]): string {
  const text = new StoppedText(stops);
  return pieces.map((piece) => text.push(piece)).join("") + text.release();
}

/** The definition: reads letter by letter until the text ends with a stop text; of several, the longest counts. */
function textBeforeStop(whole: string, stops: readonly string[]): string {
  for (let end = 0; end <= whole.length; end++) {
    const ended = stops.filter((stop) => whole.slice(0, end).endsWith(stop)).map((stop) => stop.length);
    if (ended.length > 0) return whole.slice(0, end - Math.max(...ended));
  }
  return whole;
}

test("a text ends before the stop text that is completed first, however it is cut, and is unchanged without one", () => {
  const Letters = fc.string({ unit: fc.constantFrom("a", "b", "\n", "я"), maxLength: 30 });
  const Stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "\n"), minLength: 1, maxLength: 4 }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(fc.array(Letters, { maxLength: 8 }), Stops, (pieces, stops) => {
      expect(read(pieces, stops)).toBe(textBeforeStop(pieces.join(""), stops));
    }),
    { numRuns: 2000 },
  );
  expect(read(["b", "\n", "a"], ["\n", "b\na"])).toBe("b");
  expect(read(["b\na"], ["\n", "b\na"])).toBe("b");
});

test("text that may be the beginning of a stop text is held back", () => {
  const text = new StoppedText(["\nObservation:"]);
  expect(text.push("42\nObs")).toBe("42");
  expect(text.isStopped).toBe(false);
  expect(text.push("ervation: made up")).toBe("");
  expect(text.isStopped).toBe(true);
  expect(text.push("more") + text.release()).toBe("");
});
