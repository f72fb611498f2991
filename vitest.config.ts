import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

/** Minutes with real models: begun last, they would leave one core idle at the end. */
const LONGEST = ["sandbox/tests/whole-house.test.ts", "sandbox/tests/start.test.ts"];

const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((file) => moduleId.endsWith(file));

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ["{scripts,protocol,contracts,server,worker,bot,miniapp,sandbox,bench}/**/*.test.ts"],
    setupFiles: ["scripts/same-cases.ts"],
    globalSetup: ["server/src/db/test-cluster.ts"],
    pool: "forks",
    // Two: each file may own an engine of one thread, and the smallest machine we promise to run on has two cores.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    // What is waited for comes; on a busy machine it comes later than in the usual second.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 120_000,
  },
});
