import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { defineConfig } from "vitest/config";

/** Runs the contracts' tests with the artefacts in MUTANT_ARTEFACTS in place of the committed ones. */
const replaced = process.env.MUTANT_ARTEFACTS ?? "";

export default defineConfig({
  plugins: [
    {
      name: "mutant-artefacts",
      enforce: "pre",
      load(id) {
        const file = path.join(replaced, path.basename(id));
        return id.includes("/contracts/artefacts/") && existsSync(file) ? readFileSync(file, "utf8") : null;
      },
    },
  ],
  test: {
    include: ["contracts/tests/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 1,
    bail: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
