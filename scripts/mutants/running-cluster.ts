/** Vitest's global set-up of a mutation run: the PostgreSQL that is there already, so that no mutant waits for one to start. */
import process from "node:process";
import type { TestProject } from "vitest/node";

export default function setup(project: TestProject): void {
  project.provide("cluster", JSON.parse(process.env.MUTANT_CLUSTER ?? "null"));
}
