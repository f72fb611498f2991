import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAfter } from "./decode-after.ts";

/** A vocabulary in which every token is one byte: the worst case for characters. */
function bytesToText(tokens: readonly number[]): string {
  return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(Uint8Array.from(tokens));
}

test("pieces join to the whole text, wherever a list of tokens is cut", () => {
  const anyText = fc.string({ unit: "binary", maxLength: 40 }).map((text) => text.replaceAll(/[\uFFFD\uFEFF]/g, ""));
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(6)), (text, sizes) => {
      const tokens = [...Buffer.from(text)];
      let written = "";
      for (let at = 0, turn = 0; at < tokens.length; turn++) {
        const size = 1 + (sizes[turn % sizes.length] ?? 0);
        written += decodeAfter(bytesToText, tokens.slice(0, at), tokens.slice(at, at + size));
        at += size;
      }
      expect(written).toBe(text);
    }),
  );
});

test("half a character is held back, and comes whole with its last token", () => {
  const fox = [...Buffer.from("🦊")];
  expect(decodeAfter(bytesToText, [], fox.slice(0, 3))).toBe("");
  expect(decodeAfter(bytesToText, fox.slice(0, 3), fox.slice(3))).toBe("🦊");
});
