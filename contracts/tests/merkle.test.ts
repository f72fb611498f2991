import { createHash, randomBytes } from "node:crypto";
import { beginCell, Dictionary } from "@ton/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RewardTree } from "../wrappers/merkle.ts";

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest();

type Leaf = readonly [key: Buffer, amount: bigint];

function treeOf(leaves: readonly Leaf[]): RewardTree {
  const sorted = [...leaves].sort(([a], [b]) => Buffer.compare(a, b));
  const keys = Buffer.concat(sorted.map(([key]) => key));
  return new RewardTree({ keys, amounts: BigUint64Array.from(sorted, ([, amount]) => amount) }, sha256);
}

function dictionaryOf(leaves: readonly Leaf[]) {
  const dictionary = Dictionary.empty(Dictionary.Keys.Buffer(32), Dictionary.Values.BigVarUint(4));
  for (const [key, amount] of leaves) dictionary.set(key, amount);
  return dictionary;
}

function build(keys: Buffer[], amounts: bigint[]): RewardTree {
  return new RewardTree({ keys: Buffer.concat(keys), amounts: BigUint64Array.from(amounts) }, sha256);
}

/** Keys that share long prefixes, and end in long runs of one bit, reach all three forms of a label. */
const key = fc.oneof(
  fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(fc.uint8Array({ maxLength: 3 }), fc.constantFrom(0, 255), fc.uint8Array({ maxLength: 2 }))
    .map(([head, fill, tail]) => Buffer.concat([head, Buffer.alloc(32 - head.length - tail.length, fill), tail])),
);
const leaves = fc.uniqueArray(fc.tuple(key, fc.bigInt({ min: 1n, max: 2n ** 64n - 1n })), {
  minLength: 1,
  maxLength: 24,
  selector: ([bytes]) => bytes.toString("hex"),
});

describe("a reward tree", () => {
  test("has the same root and proofs, bit for bit, as the dictionary that @ton/core serialises", () => {
    fc.assert(
      fc.property(leaves, (all) => {
        const [tree, dictionary] = [treeOf(all), dictionaryOf(all)];
        const root = beginCell().storeDictDirect(dictionary).endCell().hash();
        expect(Buffer.from(tree.root).equals(root)).toBe(true);
        for (const [owner, amount] of all) {
          expect(tree.proof(owner).equals(dictionary.generateMerkleProof([owner]))).toBe(true);
          expect(tree.amountOf(owner)).toBe(amount);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("is the same with the default hash function", () => {
    const keys = Buffer.concat(["11", "22", "f3"].map((byte) => Buffer.from(byte.repeat(32), "hex")));
    const amounts = BigUint64Array.from([1n, 256n, 10n ** 18n]);
    expect(new RewardTree({ keys, amounts }).root).toEqual(new RewardTree({ keys, amounts }, sha256).root);
  });

  test("proves that somebody is not in it, and says their amount is zero", () => {
    fc.assert(
      fc.property(leaves, key, (all, stranger) => {
        fc.pre(all.every(([owner]) => !owner.equals(stranger)));
        const tree = treeOf(all);
        const proof = tree.proof(stranger);
        expect(proof.refs[0]!.hash(0).equals(Buffer.from(tree.root))).toBe(true);
        expect(tree.amountOf(stranger)).toBe(0n);
      }),
      { numRuns: 40 },
    );
  });

  test("refuses an empty list, leaves out of order, doubled or of amount zero, and an owner that is not a hash", () => {
    const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(() => build([], [])).toThrow("at least one leaf");
    expect(() => build([b, a], [1n, 1n])).toThrow("out of order or doubled");
    expect(() => build([a, a], [1n, 1n])).toThrow("out of order or doubled");
    expect(() => build([a], [0n])).toThrow("no amount");
    expect(() => build([a], [1n, 2n])).toThrow("32 bytes");
    expect(() => build([a], [1n]).proof(randomBytes(31))).toThrow("32 bytes");
  });
});
