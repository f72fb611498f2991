#!/usr/bin/env node
// `npm test`: sets up what the tests need (dependencies, the built Mini App, two small models), runs them, and reports how many ran.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { buildMiniapp } from "./build-miniapp.mjs";
import { installDependencies } from "./install-dependencies.mjs";
import { keepTestTimes, timesByWorkspace } from "./test-times.mjs";
import { answerHelp } from "./usage.mjs";

answerHelp("test");
const root = path.resolve(import.meta.dirname, "..");
process.chdir(root);
await installDependencies(root);
await buildMiniapp(root);

const models = spawnSync(
  process.execPath,
  ["--import", "tsx", "worker/src/main.ts", "pull", "smollm2-135m", "qwen2.5-coder-0.5b"],
  { stdio: "inherit" },
);
if (models.status !== 0) process.exit(models.status ?? 1);

// 68 MB, for Linux on x64, which the long tests need. Where it cannot be had they are skipped, and say so.
if (process.env.LONG_TESTS === "1")
  spawnSync(process.execPath, ["--import", "tsx", "worker/src/main.ts", "pull-engine", "llama.cpp"], {
    stdio: "inherit",
  });

const folder = mkdtempSync(path.join(os.tmpdir(), "starai-report-"));
const report = path.join(folder, "report.json");
// ggml's threads spin while they wait, so on contended cores one thread is the fastest number of them.
const env = { ...process.env, STARAI_THREADS: "1" };
const filters = process.argv.slice(2);
const tests = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...filters,
  ],
  { stdio: "inherit", env },
);
const result = existsSync(report)
  ? JSON.parse(readFileSync(report, "utf8"))
  : { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, testResults: [] };
rmSync(folder, { recursive: true, force: true });
const files = result.testResults.map(({ name, startTime, endTime, status }) => ({
  file: path.relative(root, name),
  ms: endTime - startTime,
  passed: status === "passed",
}));
keepTestTimes(root, files);
if (files.length > 0)
  console.log(`the time of each workspace's files, two at once:\n${timesByWorkspace(files).join("\n")}`);
console.log(`looked at ${result.testResults.length} files, ${result.numTotalTests ?? 0} tests`);
console.log(`${result.numPassedTests} passed, ${result.numFailedTests} failed, ${result.numPendingTests} skipped`);
process.exit(tests.status === 0 && result.numPassedTests > 0 ? 0 : 1);
