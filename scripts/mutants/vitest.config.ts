/** Runs the tests named in MUTANT_TESTS in that order, against the PostgreSQL that the mutation run started. */
import path from "node:path";
import process from "node:process";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";

const root = path.resolve(import.meta.dirname, "../..");
const order = (process.env.MUTANT_TESTS ?? "").split(",");

const place = ({ moduleId }: TestSpecification) => order.indexOf(path.relative(root, moduleId));

class NearestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve([...files].sort((a, b) => place(a) - place(b)));
  }
}

export default defineConfig({
  root,
  test: {
    include: order,
    setupFiles: [path.join(root, "scripts/same-cases.ts")],
    globalSetup: [path.join(import.meta.dirname, "running-cluster.ts")],
    pool: "forks",
    maxWorkers: 1,
    bail: 1,
    sequence: { sequencer: NearestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 2_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
