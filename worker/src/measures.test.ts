import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readMeasure, writeMeasure } from "./measures.ts";

const key = { sha256: "ab12", engine: "llama.cpp", device: "a CPU", threads: [1, 2] };
const speeds = { threads: 2, prefillTokensPerS: 62, decodeTokensPerS: 20 };

let home: string;
const file = () => join(home, "measures.json");

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "starai-measures-"));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

async function writeFileOf(measuredAt: string): Promise<void> {
  await writeFile(file(), JSON.stringify({ "ab12 llama.cpp a CPU 1+2": { ...speeds, measuredAt } }));
}

test("a measurement is kept for the next start, for this model on this device only", async () => {
  await writeMeasure(home, key, { ...speeds, busy: false });
  expect(await readMeasure(home, key)).toEqual({ ...speeds, busy: false });
  expect(await readMeasure(home, { ...key, device: "another CPU" })).toBeNull();
});

test("a measurement taken on a busy machine is stored as such, and one of an undisturbed machine replaces it", async () => {
  const slow = { ...speeds, decodeTokensPerS: 3.9, busy: true };
  await writeMeasure(home, key, slow);
  expect(await readMeasure(home, key)).toEqual(slow);
  await writeMeasure(home, key, { ...speeds, busy: false });
  expect(await readMeasure(home, key)).toEqual({ ...speeds, busy: false });
});

test("a file of an earlier version is believed for a day, and is to be measured again afterwards", async () => {
  await writeFileOf(new Date().toISOString());
  expect(await readMeasure(home, key)).toEqual({ ...speeds, busy: false });
  await writeFileOf(new Date(Date.now() - 25 * 3_600_000).toISOString());
  expect(await readMeasure(home, key)).toEqual({ ...speeds, busy: true });
});

test("a damaged file only means measuring again, and is written anew", async () => {
  await writeFile(file(), "{ not json");
  expect(await readMeasure(home, key)).toBeNull();
  await writeMeasure(home, key, { ...speeds, busy: false });
  expect(await readMeasure(home, key)).not.toBeNull();
});
