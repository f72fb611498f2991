import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepTestTimes, readTestTimes, timesByWorkspace } from "./test-times.mjs";

const files = [
  { file: "server/src/a.test.ts", ms: 1_000.4, passed: true },
  { file: "server/src/b.test.ts", ms: 500, passed: false },
  { file: "bot/src/c.test.ts", ms: 2_000, passed: true },
];

test("the times of a run are kept beside those of other files; failed files are left out", () => {
  const root = mkdtempSync(path.join(os.tmpdir(), "starai-times-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(readTestTimes(root)).toEqual(new Map());
  keepTestTimes(root, files);
  keepTestTimes(root, [{ file: "bot/src/c.test.ts", ms: 3_000, passed: true }]);
  expect(Object.fromEntries(readTestTimes(root))).toEqual({
    "server/src/a.test.ts": 1_000,
    "bot/src/c.test.ts": 3_000,
  });
});

test("a run reports how long each workspace took, the longest first", () => {
  expect(timesByWorkspace(files).map((line) => line.replace(/ +/g, " "))).toEqual([
    "bot 1 files 2.0 s",
    "server 2 files 1.5 s",
  ]);
});
