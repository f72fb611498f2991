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
      startTime: z.number(),
      endTime: z.number(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

export interface TestRun {
  kind: "passed" | "failed" | "late";
  /** The first test that failed, or the file that could not be read. */
  failed: string | null;
  /** How long each file took that passed. */
  tookMs: Map<string, number>;
}

export interface Asked {
  folder: string;
  tests: readonly string[];
  cluster: unknown;
  limitMs: number;
  /** Failures after which the rest is not run; 0 runs everything. */
  bail: 0 | 1;
}

export async function runTests({ folder, tests, cluster, limitMs, bail }: Asked): Promise<TestRun> {
  const kept = mkdtempSync(path.join(os.tmpdir(), "starai-mutant-report-"));
  const report = path.join(kept, "report.json");
  const config = path.join(folder, "scripts/mutants/vitest.config.ts");
  const words = ["run", "--config", config, "--reporter=json", `--outputFile.json=${report}`];
  const env = {
    ...process.env,
    STARAI_THREADS: "1",
    MUTANT_TESTS: tests.join(","),
    MUTANT_CLUSTER: JSON.stringify(cluster),
    MUTANT_BAIL: String(bail),
  };
  const vitest = path.join(folder, "node_modules/vitest/vitest.mjs");
  // A group of its own, so that what the tests start ends with them.
  const child = spawn(process.execPath, [vitest, ...words], { cwd: folder, env, stdio: "ignore", detached: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-child.pid!, "SIGKILL");
  }, limitMs);
  const status = await new Promise<number | null>((resolve) => child.on("exit", resolve));
  clearTimeout(timer);
  try {
    if (late) return { kind: "late", failed: null, tookMs: new Map() };
    const { testResults } = Report.parse(JSON.parse(readFileSync(report, "utf8")));
    const passed = testResults.filter(({ status: file }) => file === "passed");
    const tookMs = new Map(passed.map((file) => [path.relative(folder, file.name), file.endTime - file.startTime]));
    return { kind: status === 0 ? "passed" : "failed", failed: firstFailure(testResults), tookMs };
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

function firstFailure(files: z.infer<typeof Report>["testResults"]): string | null {
  for (const file of files) {
    const test = file.assertionResults.find(({ status }) => status === "failed");
    if (test) return test.fullName;
    if (file.status === "failed") return `${path.basename(file.name)}: ${file.message?.split("\n")[0] ?? "not read"}`;
  }
  return null;
}
