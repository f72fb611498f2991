import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{protocol,contracts,server,worker,bot,miniapp,sandbox,bench}/**/*.test.ts"],
    globalSetup: ["server/src/db/test-cluster.ts"],
    pool: "forks",
    // Two: each file may own an engine of one thread, and the smallest machine we promise to run on has two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
