import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";
import { readTestTimes } from "./scripts/test-times.mjs";

/** Minutes with real models: begun last, they would leave one core idle at the end. Only the first run needs to be told. */
const LONGEST = ["sandbox/tests/whole-stack.test.ts", "sandbox/tests/start.test.ts"];

const root = import.meta.dirname;
const times = readTestTimes(root);

/** The time of its last run; a file that was never run goes before those, and the longest before all. */
function expectedMs({ moduleId }: TestSpecification): number {
  const file = path.relative(root, moduleId);
  return times.get(file) ?? (LONGEST.includes(file) ? Infinity : Number.MAX_SAFE_INTEGER);
}

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Where times are the same or unknown, Vitest's own order stays: what failed, then the larger file.
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => (expectedMs(a) === expectedMs(b) ? 0 : expectedMs(b) - expectedMs(a)));
  }
}

export default defineConfig({
  test: {
    include: ["{scripts,protocol,contracts,server,worker,bot,miniapp,sandbox,bench}/**/*.test.ts"],
    setupFiles: ["scripts/same-cases.ts"],
    globalSetup: ["server/src/testing/cluster.ts", "sandbox/src/testing/unpack-browser.ts"],
    pool: "forks",
    // Two: each file may own an engine of one thread, and the smallest machine we promise to run on has two cores.
    maxWorkers: 2,
    // The files of a fork share its modules: read anew by each file they cost more than the tests. A file leaves nothing behind it.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    // What is waited for comes; on a busy machine it comes later than in the usual second.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 120_000,
  },
});
