import { expect, test } from "vitest";
import { utf8Beginning } from "./utf8-beginning.ts";

const encoder = new TextEncoder();

test("every character is among those that begin with any part of its bytes, and both ends of them are the last that do", () => {
  const wrong: number[] = [];
  for (let code = 0; code < 0x110000; code += code < 0x900 ? 1 : 101) {
    if (isSurrogate(code)) continue;
    const bytes = encoder.encode(String.fromCodePoint(code));
    for (let size = 1; size <= bytes.length; size++) {
      const begun = bytes.subarray(0, size);
      const [from, to] = utf8Beginning(begun)!;
      const ends = begins(from, begun) && begins(to, begun) && !begins(from - 1, begun) && !begins(to + 1, begun);
      if (from > code || to < code || !ends) wrong.push(code);
    }
  }
  expect(wrong).toEqual([]);
});

function begins(code: number, bytes: Uint8Array): boolean {
  if (code < 0 || code > 0x10ffff || isSurrogate(code)) return false;
  const written = encoder.encode(String.fromCodePoint(code));
  return bytes.every((byte, at) => written[at] === byte);
}

const isSurrogate = (code: number) => code >= 0xd800 && code <= 0xdfff;

test.each([
  [[]],
  [[0x80]],
  [[0xc0]],
  [[0xc1]],
  [[0xe0, 0x80]],
  [[0xed, 0xa0]],
  [[0xf0, 0x80]],
  [[0xf4, 0x90]],
  [[0xf8]],
  [[0xff]],
  [[0xd0, 0x41]],
  [[0x41, 0x80]],
  [[0xd0, 0xb0, 0xb0]],
])("no character begins with %j", (bytes) => {
  expect(utf8Beginning(new Uint8Array(bytes))).toBeNull();
});
