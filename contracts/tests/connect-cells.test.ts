/** Cells and addresses made without @ton/core, against @ton/core's. */
import { Address, beginCell, Cell } from "@ton/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bocOf, cellOfBoc } from "../wrappers/connect/boc.ts";
import { cellOf, hashOf } from "../wrappers/connect/cell.ts";
import type { Cell as PlainCell } from "../wrappers/connect/cell.ts";
import { friendlyAddress } from "../wrappers/connect/friendly-address.ts";

const addresses = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => new Address(0, Buffer.from(bytes)));

/** A cell by @ton/core. */
function core(own: readonly (readonly [bigint, number])[]): Cell {
  const builder = beginCell();
  for (const [bits, width] of own) builder.storeUint(bits, width);
  return builder.endCell();
}

/** What comes of reading these bytes. */
function outcome(bytes: Buffer): string {
  try {
    bocOf(cellOfBoc(bytes.toString("base64")));
    return "a cell";
  } catch (error) {
    return String(error);
  }
}

const bytesOf = (cell: PlainCell) => Buffer.from(bocOf(cell), "base64").length;

describe("a cell", () => {
  const fields = fc.array(
    fc
      .integer({ min: 1, max: 120 })
      .chain((width) => fc.bigInt({ min: 0n, max: 2n ** BigInt(width) - 1n }).map((bits) => [bits, width] as const)),
    { maxLength: 8 },
  );
  const { tree } = fc.letrec<{ tree: PlainCell }>((tie) => ({
    tree: fc
      .tuple(fields, fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie("tree"), { maxLength: 4 })))
      .map(([own, refs]) => cellOf(own, refs)),
  }));

  test("has the bits that @ton/core gives it", () => {
    fc.assert(
      fc.property(fields, (own) => {
        expect(Cell.fromBase64(bocOf(cellOf(own))).equals(core(own))).toBe(true);
      }),
    );
  });

  test("has the hash that @ton/core computes, and is written so that @ton/core reads it", async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (cell) => {
        expect(Buffer.from(await hashOf(cell))).toEqual(Cell.fromBase64(bocOf(cell)).hash());
      }),
    );
  });

  test("is read from what @ton/core writes, with an index, a checksum, or neither", () => {
    fc.assert(
      fc.property(tree, fc.boolean(), fc.boolean(), (cell, idx, crc32) => {
        const theirs = Cell.fromBase64(bocOf(cell));
        const boc = theirs.toBoc({ idx, crc32 }).toString("base64");
        expect(Cell.fromBase64(bocOf(cellOfBoc(boc))).equals(theirs)).toBe(true);
      }),
    );
  });

  test("is written once where it is referred to twice, and with wide indexes where there are many", () => {
    const leaf = cellOf([[1n, 8]]);
    expect(bytesOf(cellOf([], [leaf, leaf]))).toBe(bytesOf(cellOf([], [leaf])) + 1);
    const chain = Array.from({ length: 400 }).reduce<PlainCell>(
      (inner, _, at) => cellOf([[BigInt(at), 16]], [inner]),
      leaf,
    );
    const read = Cell.fromBase64(bocOf(chain));
    expect(read.depth()).toBe(400);
    expect(Cell.fromBase64(bocOf(cellOfBoc(bocOf(chain)))).equals(read)).toBe(true);
  });

  test("is not read from anything else: cut, changed, empty, two roots, or any bytes", () => {
    const boc = bocOf(cellOf([[5n, 16]], [cellOf([[7n, 32]])]));
    for (let length = 0; length < boc.length; length += 4)
      expect(() => cellOfBoc(boc.slice(0, length))).toThrow("not a bag of cells");
    // A root that refers to itself, and one that refers to a cell that is not there.
    const bytes = Buffer.from(boc, "base64");
    const reference = bytes.length - 7;
    expect(bytes[reference]).toBe(1);
    for (const index of [0, 2]) {
      const changed = Buffer.from(bytes);
      changed[reference] = index;
      expect(() => cellOfBoc(changed.toString("base64"))).toThrow("not a bag of cells");
    }
    // As many cells as four bytes can count, with an index of numbers without a byte.
    const endless = Buffer.from("b5ee9c728400ffffffff00000001000000000000000000000000", "hex");
    expect(() => cellOfBoc(endless.toString("base64"))).toThrow("not a bag of cells");
    expect(() => cellOfBoc("te6cc")).toThrow("not a bag of cells");
    expect(() => cellOfBoc(`${boc} `)).toThrow("not a bag of cells");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, headed) => {
        const all = Buffer.concat([headed ? bytes.subarray(0, 6) : Buffer.alloc(0), noise]);
        expect(["a cell", "RangeError: this is not a bag of cells with one root"]).toContain(outcome(all));
      }),
      { numRuns: 500 },
    );
  });
});

test("a raw address becomes the friendly one that @ton/core writes; a masterchain one, a friendly one and a cut one do not", () => {
  fc.assert(
    fc.property(addresses, fc.boolean(), fc.boolean(), (address, bounceable, testOnly) => {
      const form = { bounceable, testOnly };
      expect(friendlyAddress(address.toRawString(), form)).toBe(address.toString(form));
      expect(friendlyAddress(address.toRawString().toUpperCase(), form)).toBe(address.toString(form));
    }),
  );
  const form = { bounceable: true, testOnly: false };
  const raw = `0:${"5a".repeat(32)}`;
  for (const wrong of [`-1:${"5a".repeat(32)}`, Address.parse(raw).toString(), raw.slice(1), `${raw}5`, ""])
    expect(() => friendlyAddress(wrong, form)).toThrow("must fit a raw basechain address");
});
