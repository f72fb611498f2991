import * as fc from "fast-check";
import { expect, test } from "vitest";
import { JsonFault, JsonReader } from "./json-reader.ts";
import type { JsonPath } from "./json-reader.ts";

/** Cuts a text at random places, also inside escapes and surrogate pairs. */
function cut(text: string, sizes: readonly number[]): string[] {
  const chunks: string[] = [];
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = sizes[turn % Math.max(1, sizes.length)] ?? 1;
    chunks.push(text.slice(at, at + size));
    at += size;
  }
  return chunks;
}

function watchAll(text: string, path: JsonPath, sizes: readonly number[]) {
  const seen = { text: [] as string[], raw: "", done: [] as unknown[] };
  const watch = {
    path,
    text: (delta: string) => void seen.text.push(delta),
    raw: (delta: string) => void (seen.raw += delta),
    done: (value: unknown) => void seen.done.push(value),
  };
  const reader = new JsonReader([watch]);
  for (const chunk of cut(text, sizes)) reader.push(chunk);
  reader.end();
  return seen;
}

const Sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 8 });

test("any JSON, cut anywhere, is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), Sizes, (text, sizes) => {
      const seen = watchAll(text, [], sizes);
      expect(seen.done).toEqual([JSON.parse(text)]);
      expect(seen.raw.trim()).toBe(text.trim());
    }),
    { numRuns: 500 },
  );
});

test("the decoded pieces of a string join to its value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), Sizes, fc.boolean(), (value, sizes, escaped) => {
      const plain = JSON.stringify({ thought: "x", action: { text: value, list: [1, { text: "no" }] } });
      const text = escaped
        ? plain.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
        : plain;
      const seen = watchAll(text, ["action", "text"], sizes);
      expect(seen.text.join("")).toBe(value);
      expect(seen.done).toEqual([value]);
      expect(JSON.parse(seen.raw)).toBe(value);
    }),
    { numRuns: 500 },
  );
});

test("a delta never ends inside a surrogate pair", () => {
  const seen = watchAll('{"a":"\\ud83d\\ude00 и 😀"}', ["a"], [1]);
  expect(seen.text.join("")).toBe("😀 и 😀");
  for (const delta of seen.text) expect(encodeURIComponent(delta)).not.toBe("");
});

test("the text of a field is emitted before the JSON is complete", () => {
  const emitted: string[] = [];
  const reader = new JsonReader([{ path: ["thought"], text: (delta) => void emitted.push(delta) }]);
  reader.push('{"thought":"I will ad');
  expect(emitted.join("")).toBe("I will ad");
  expect(reader.finished).toBe(false);
});

test("the raw text of an object is emitted as it is written, and its value at the end", () => {
  const seen = watchAll('{"name":"sum","arguments":{"a": 1,"b":[true,null]}}', ["arguments"], [3]);
  expect(seen.raw).toBe('{"a": 1,"b":[true,null]}');
  expect(seen.done).toEqual([{ a: 1, b: [true, null] }]);
});

test("an array's items are watched by their index", () => {
  expect(watchAll('[[],["a","b"]]', [1, 1], [2]).done).toEqual(["b"]);
});

test("a watch does not match the same name in a nested object", () => {
  expect(watchAll('{"a":{"b":"inner"},"b":"outer"}', ["b"], [1]).done).toEqual(["outer"]);
});

/** The text, the refused part, and the number of characters before it. */
test.each<[string, string, number]>([
  ["{]", "]", 1],
  ['{"a" 1}', "1", 5],
  ["[1,]", "]", 3],
  ['{"a":1,}', "}", 7],
  ["tru", "tru", 3],
  ["01", "01", 2],
  ["1 2", "2", 2],
  ['"\\x"', "x", 2],
  ['"\n"', "\n", 1],
  ["nulll", "nulll", 5],
  ['{"a":1}}', "}", 7],
  ["}", "}", 0],
  [",", ",", 0],
  ['"\\u12g4"', "g", 5],
])("%s is refused at %j after %i characters", (text, at, after) => {
  const reader = new JsonReader([]);
  const read = () => {
    reader.push(text);
    reader.end();
  };
  expect(read).toThrow(new JsonFault(`${JSON.stringify(at)} after ${after} characters cannot be JSON`));
});

test.each<[string, string]>([
  ['{"a":', "the JSON stops unfinished after 5 characters"],
  ['"abc', "the JSON stops unfinished after 4 characters"],
  ["[1,2", "the JSON stops unfinished after 4 characters"],
  ["-", '"-" after 1 characters cannot be JSON'],
  ["", "the JSON stops unfinished after 0 characters"],
])("%s is refused as incomplete: %s", (text, why) => {
  const reader = new JsonReader([]);
  reader.push(text);
  expect(reader.finished).toBe(false);
  expect(() => reader.end()).toThrow(new JsonFault(why));
});

test("a hundred thousand open brackets are refused without exhausting the stack", () => {
  expect(() => new JsonReader([]).push("[".repeat(100_000))).toThrow("nested");
});
