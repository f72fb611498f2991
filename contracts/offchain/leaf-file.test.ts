import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BadLeafFile, LEAVES_MAX, readLeafFile, writeLeafFile } from "./leaf-file.ts";
import { RewardTree } from "../wrappers/merkle.ts";
import type { RewardLeaves } from "../wrappers/merkle.ts";
import { nativeSha256 } from "./native-sha256.ts";
import { RewardTreeThread } from "./reward-tree-thread.ts";
import { compareEpoch } from "./compare-epoch.ts";

const header = { network: -239, distributor: `0:${"ab".repeat(32)}`, epoch: 3 };

function leavesOf(count: number): RewardLeaves {
  const keys = Array.from({ length: count }, () => randomBytes(32)).sort((a, b) => a.compare(b));
  return { keys: Buffer.concat(keys), amounts: BigUint64Array.from(keys, (_, index) => BigInt(index) + 1n) };
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

const textOf = (leaves: RewardLeaves): string => Buffer.concat([...writeLeafFile(header, leaves)]).toString();
const read = (text: string) => readLeafFile([Buffer.from(text)]);

describe("a leaf file", () => {
  test("is read back as it was written, whatever its chunks", async () => {
    const leaves = leavesOf(20);
    const text = textOf(leaves);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (size) => {
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g"))!.map((piece) => Buffer.from(piece));
        const file = await readLeafFile(pieces);
        expect(file).toMatchObject({ ...header, total: 210n });
        expect(Buffer.from(file.leaves.keys).equals(Buffer.from(leaves.keys))).toBe(true);
        expect(file.leaves.amounts).toEqual(leaves.amounts);
      }),
      { numRuns: 20 },
    );
  });

  test.each<[string, string, (lines: string[]) => void]>([
    ["cut off in a line", "Line 10 of the leaf file is incomplete", (lines) => lines.splice(-2, 2, "abc")],
    ["cut off between lines", "Line 10 of the leaf file is missing: fewer leaves", (lines) => lines.splice(-2, 1)],
    [
      "with one leaf more",
      "Line 11 of the leaf file is one leaf more",
      (lines) => lines.splice(-1, 0, `${"f".repeat(64)} 1`),
    ],
    [
      "with an owner twice",
      "Line 8 of the leaf file is out of order or names an owner twice",
      (lines) => lines.splice(7, 1, lines[6]!),
    ],
    [
      "out of order",
      "Line 8 of the leaf file is out of order or names an owner twice",
      (lines) => lines.splice(6, 2, lines[7]!, lines[6]!),
    ],
    [
      "with a zero amount",
      "Line 7 of the leaf file is not 64 hex digits",
      (lines) => lines.splice(6, 1, lines[6]!.replace(/ .*/, " 0")),
    ],
    [
      "with a leading zero",
      "Line 7 of the leaf file is not 64 hex digits",
      (lines) => lines.splice(6, 1, lines[6]!.replace(" ", " 0")),
    ],
    [
      "with an amount above 64 bits",
      "Line 7 of the leaf file has an amount that does not fit 64 bits",
      (lines) => lines.splice(6, 1, lines[6]!.replace(/ .*/, ` ${2n ** 64n}`)),
    ],
    [
      "with capital digits",
      "Line 7 of the leaf file is not 64 hex digits",
      (lines) => lines.splice(6, 1, lines[6]!.toUpperCase()),
    ],
    [
      "with carriage returns",
      "Line 7 of the leaf file is not 64 hex digits",
      (lines) => lines.splice(6, 1, `${lines[6]}\r`),
    ],
    [
      "with a line without end",
      "Line 7 of the leaf file is longer than 96 bytes",
      (lines) => lines.splice(6, 1, "0".repeat(1_000_000)),
    ],
    [
      "with another sum",
      "Line 6 of the leaf file has a total that is not the leaves' sum, 10",
      (lines) => lines.splice(5, 1, "total 1"),
    ],
    [
      "with too many leaves",
      `Line 6 of the leaf file follows a count of 99999999 leaves; at most ${LEAVES_MAX} are read`,
      (lines) => lines.splice(4, 1, "leaves 99999999"),
    ],
    [
      "of another kind",
      `Line 1 of the leaf file should say "starai-rewards …"`,
      (lines) => lines.splice(0, 1, "starai-rewards 2"),
    ],
    [
      "with a malformed network id",
      `Line 2 of the leaf file should say "network …"`,
      (lines) => lines.splice(1, 1, "network 1e9"),
    ],
    ["with its header missing", `Line 1 of the leaf file should say "starai-rewards …"`, (lines) => lines.splice(0, 6)],
    ["that is empty", "Line 1 of the leaf file is missing", (lines) => lines.splice(0, lines.length)],
  ])("%s is refused: %s", async (_, why, spoil) => {
    const lines = textOf(leavesOf(4)).split("\n");
    spoil(lines);
    const refused = read(lines.join("\n"));
    await expect(refused).rejects.toThrow(BadLeafFile);
    await expect(refused).rejects.toThrow(why);
  });
});

describe("a tree in its own thread", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "starai-leaves-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("returns the same root and proofs, rejects what is pending when it is closed, and matches the chain", async () => {
    const leaves = leavesOf(50);
    const tree = new RewardTree(leaves, nativeSha256);
    await writeFile(path.join(folder, "epoch"), textOf(leaves));
    const thread = await RewardTreeThread.open(path.join(folder, "epoch"));
    expect(Buffer.from(thread.facts.root).equals(Buffer.from(tree.root))).toBe(true);
    const owner = leaves.keys.subarray(0, 32);
    const { amount, proof } = await thread.proof(owner);
    expect([amount, proof.equals(tree.proof(owner))]).toEqual([1n, true]);
    expect((await thread.proof(randomBytes(32))).amount).toBe(0n);
    expect(verdict(thread)).toEqual([true, true, true, true, true]);
    expect(verdict(thread, { root: 1n, pending: null })).toEqual([true, false]);
    expect(verdict(thread, { totalCum: 1n, epoch: 9, dataHash: 0n })).toEqual([true, true, false, false, false]);
    // After a revocation the chain is back at this root, one epoch ahead and without the file's hash.
    const wentBack = { epoch: thread.facts.epoch + 1, dataHash: 0n, previousRoot: 0n };
    expect(verdict(thread, wentBack)).toEqual([true, true, true]);
    // A missing file hash alone does not mean a revocation.
    expect(verdict(thread, { ...wentBack, previousRoot: 1n })).toEqual([true, true, true, false, false]);
    // The first requests may be answered before the thread ends; the last one cannot.
    const waiting = await Promise.allSettled([
      ...Array.from({ length: 900 }, () => thread.proof(owner)),
      thread[Symbol.asyncDispose](),
    ]);
    expect(waiting.at(-2)).toMatchObject({
      status: "rejected",
      reason: { message: expect.stringContaining("closed") },
    });
    await expect(thread.proof(owner)).rejects.toThrow("closed");
  });

  test("does not open a malformed or missing file", async () => {
    await writeFile(path.join(folder, "rubbish"), "rubbish\n");
    await expect(RewardTreeThread.open(path.join(folder, "rubbish"))).rejects.toThrow("Line 1");
    await expect(RewardTreeThread.open(path.join(folder, "absent"))).rejects.toThrow("ENOENT");
  });
});

/** Findings for the thread's file on a chain where it is current, with `change` applied to the chain's state. */
function verdict({ facts }: RewardTreeThread, change: Partial<Parameters<typeof compareEpoch>[1]> = {}): boolean[] {
  const chain = {
    address: facts.distributor,
    root: numberOf(facts.root),
    epoch: facts.epoch,
    dataHash: numberOf(facts.dataHash),
    totalCum: facts.total,
    pending: null,
    previousRoot: 1n,
    previousTotalCum: 0n,
    ...change,
  };
  return compareEpoch(facts, chain).map(({ holds }) => holds);
}
