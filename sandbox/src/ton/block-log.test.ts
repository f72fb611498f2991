import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { BlockLog } from "./block-log.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "starai-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Header {
  n: number;
}

/** Opens the file as a start does and returns the numbers of its records. */
async function reopened(file: string): Promise<number[]> {
  const numbers: number[] = [];
  const log = await BlockLog.open<Header>(file, ({ header }) => numbers.push(header.n));
  await log[Symbol.asyncDispose]();
  return numbers;
}

test("a file cut at any byte opens with every whole record before the cut", async () => {
  const file = path.join(folder, "cut.log");
  const log = await BlockLog.open<Header>(file, () => {});
  const ends = [0];
  for (let n = 1; n <= 3; n++) {
    await log.append({ n }, [Buffer.alloc(20, n)]);
    ends.push(log.bytes);
  }
  await log[Symbol.asyncDispose]();
  const whole = readFileSync(file);
  for (let bytes = 0; bytes <= whole.length; bytes++) {
    writeFileSync(file, whole.subarray(0, bytes));
    const records = ends.findLastIndex((end) => end <= bytes);
    expect([bytes, await reopened(file)]).toEqual([bytes, [1, 2, 3].slice(0, records)]);
    expect(statSync(file).size).toBe(ends[records]);
  }
});

test("a partially written record is removed: shorter ones follow it, and the file opens", async () => {
  const file = path.join(folder, "full.log");
  // Left in the file, these words would be read as the length of a record right after a shorter one; all four
  // alignments of its end are tried.
  const script = `
    import { copyFileSync } from "node:fs";
    import { BlockLog } from ${JSON.stringify(path.join(import.meta.dirname, "block-log.ts"))};
    const file = ${JSON.stringify(file)};
    const log = await BlockLog.open(file, () => {});
    const words = Buffer.alloc(400_000, Buffer.from([0, 0, 1, 0]));
    console.log(await log.append({ n: 1 }, [words]).catch((fault) => fault.message));
    for (let n = 2; n < 6; n++) {
      await log.append({ n }, [Buffer.alloc(1)]);
      copyFileSync(file, file + n);
    }
    await log[Symbol.asyncDispose]();
  `;
  const inFile = path.join(folder, "full.mts");
  writeFileSync(inFile, script);
  // The shell's file size limit stands in for a full disk.
  const { stdout, stderr } = spawnSync(
    "sh",
    ["-c", 'ulimit -f 200; exec "$0" --import tsx "$1"', process.execPath, inFile],
    {
      encoding: "utf8",
    },
  );
  expect([stderr, stdout]).toEqual(["", "only a part of a block was written; is the disk full?\n"]);
  for (let n = 2; n < 6; n++) expect((await reopened(file + n)).at(-1)).toBe(n);
});
