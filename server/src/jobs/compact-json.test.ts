import * as fc from "fast-check";
import { expect, test } from "vitest";
import { JSON_START, compactJson } from "./compact-json.ts";

test("a JSON text with any spaces becomes the one without, wherever it is cut", () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom(0, 1, 4),
      fc.array(fc.nat(5), { minLength: 1 }),
      (value, indent, sizes) => {
        const spaced = JSON.stringify(value, null, indent);
        let [written, place] = ["", JSON_START];
        for (let at = 0, turn = 0; at < spaced.length; turn++) {
          const size = 1 + (sizes[turn % sizes.length] ?? 0);
          const piece = compactJson(spaced.slice(at, at + size), place);
          written += piece.text;
          ({ place } = piece);
          at += size;
        }
        expect(written).toBe(JSON.stringify(value));
      },
    ),
  );
});

test("spaces inside a string stay, also after an escaped quote", () => {
  expect(compactJson('{ "a b" : "c \\" d" }', JSON_START).text).toBe('{"a b":"c \\" d"}');
});
