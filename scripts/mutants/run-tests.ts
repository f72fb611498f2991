/** Runs test files in a copy of the repository, with a bound on how long that may take. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { z } from "zod";

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export type TestRun =
  | { kind: "passed" }
  /** In this file; `test` is the first that failed, or says that none could be run. */
  | { kind: "failed"; file: string; test: string }
  /** It did not end in time. */
  | { kind: "late" };

export interface Asked {
  folder: string;
  tests: readonly string[];
  cluster: unknown;
  limitMs: number;
}

/** Runs the tests in their order, up to the first failure. */
export async function runTests({ folder, tests, cluster, limitMs }: Asked): Promise<TestRun> {
  const kept = mkdtempSync(path.join(os.tmpdir(), "starai-mutant-report-"));
  const report = path.join(kept, "report.json");
  const config = path.join(folder, "scripts/mutants/vitest.config.ts");
  const vitest = path.join(folder, "node_modules/vitest/vitest.mjs");
  const words = [vitest, "run", "--config", config, "--reporter=json", `--outputFile.json=${report}`];
  const asked = { MUTANT_TESTS: tests.join(","), MUTANT_CLUSTER: JSON.stringify(cluster) };
  const env = { ...process.env, STARAI_THREADS: "1", ...asked };
  try {
    if (await endsInTime(words, { cwd: folder, env, limitMs })) return read(folder, readFileSync(report, "utf8"));
    return { kind: "late" };
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

async function endsInTime(
  words: readonly string[],
  { limitMs, ...options }: { cwd: string; env: NodeJS.ProcessEnv; limitMs: number },
): Promise<boolean> {
  // A group of its own, so that what the tests start ends with them.
  const child = spawn(process.execPath, words, { ...options, stdio: "ignore", detached: true });
  const ended = new Promise<boolean>((resolve) => child.on("exit", () => resolve(true)));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), limitMs)));
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  if (!inTime && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  return inTime;
}

function read(folder: string, report: string): TestRun {
  const { testResults } = Report.parse(JSON.parse(report));
  const file = testResults.find(({ status }) => status === "failed");
  if (!file) return { kind: "passed" };
  const test = file.assertionResults.find(({ status }) => status === "failed");
  return { kind: "failed", file: path.relative(folder, file.name), test: test?.fullName ?? "it could not be run" };
}
