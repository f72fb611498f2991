import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HEADER_BYTES_MAX, cutVocabulary, readHeader } from "./gguf-header.ts";

type Value = { type: "u32"; value: number } | { type: "string"; value: string } | { type: "strings"; value: string[] };

const anyValue: fc.Arbitrary<Value> = fc.oneof(
  fc.record({ type: fc.constant("u32" as const), value: fc.nat() }),
  fc.record({ type: fc.constant("string" as const), value: fc.string() }),
  fc.record({ type: fc.constant("strings" as const), value: fc.array(fc.string()) }),
);
const anyFile = fc.record({ keys: fc.array(fc.tuple(fc.string(), anyValue)), tensors: fc.nat(500) }).map(writeGguf);

/** A well-formed file: key-values, then bytes that stand for tensors. */
function writeGguf({ keys, tensors }: { keys: [string, Value][]; tensors: number }): { bytes: Buffer; end: number } {
  const head = [Buffer.from("GGUF"), u32(3), u64(tensors), u64(keys.length)];
  const header = Buffer.concat([...head, ...keys.flatMap(([key, value]) => [text(key), valueBytes(value)])]);
  return { bytes: Buffer.concat([header, Buffer.alloc(100, 7)]), end: header.length };
}

function valueBytes(value: Value): Buffer {
  if (value.type === "u32") return Buffer.concat([u32(4), u32(value.value)]);
  if (value.type === "string") return Buffer.concat([u32(8), text(value.value)]);
  return Buffer.concat([u32(9), u32(8), u64(value.value.length), ...value.value.map(text)]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

describe("a header", () => {
  test("is found whole wherever its key-values end", () => {
    fc.assert(
      fc.property(anyFile, ({ bytes, end }) => {
        expect(readHeader(bytes)).toEqual({ kind: "whole", end });
      }),
    );
  });

  test("wants more while it is not whole, at whatever byte it is cut", () => {
    fc.assert(
      fc.property(anyFile, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), ({ bytes, end }, share) => {
        expect(readHeader(bytes.subarray(0, Math.floor(end * share)))).toEqual({ kind: "more" });
      }),
    );
  });

  test("becomes a file of its own: same key-values, no tensors, padded to 32 bytes", () => {
    fc.assert(
      fc.property(anyFile, ({ bytes, end }) => {
        const file = cutVocabulary(bytes, end);
        expect(file.length % 32).toBe(0);
        expect(file.readBigUInt64LE(8)).toBe(0n);
        expect(file.subarray(16, end)).toEqual(bytes.subarray(16, end));
        expect(readHeader(file)).toEqual({ kind: "whole", end });
      }),
    );
  });
});

describe("a hostile file", () => {
  test("never throws and never costs more than its own bytes, whatever is changed in it", () => {
    fc.assert(
      fc.property(anyFile, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), ({ bytes }, changes) => {
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        expect(["whole", "more", "bad"]).toContain(readHeader(bytes).kind);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["not GGUF at all", "it does not begin with GGUF", Buffer.from("<!doctype html><title>Sign in</title>")],
    [
      "a version nobody knows",
      "GGUF version 9 is not 2 or 3",
      Buffer.concat([Buffer.from("GGUF"), u32(9), u64(0), u64(0)]),
    ],
    [
      "a billion key-values",
      "it claims 1000000000 ",
      Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1_000_000_000)]),
    ],
    [
      "a key longer than any",
      "it claims 9223372036854775808 ",
      Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1), u64(2n ** 63n)]),
    ],
    [
      "a type nobody knows",
      "unknown type 77",
      Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1), text("k"), u32(77)]),
    ],
    [
      "an array of arrays",
      "it nests arrays",
      Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1), text("k"), u32(9), u32(9), u64(1)]),
    ],
    [
      "an array too long",
      "its header is longer than",
      Buffer.concat([Buffer.from("GGUF"), u32(3), u64(0), u64(1), text("k"), u32(9), u32(12), u64(HEADER_BYTES_MAX)]),
    ],
  ])("is refused with its reason: %s, %s", (_what, reason, bytes) => {
    expect(readHeader(bytes)).toEqual({ kind: "bad", reason: expect.stringContaining(reason) as string });
  });
});
