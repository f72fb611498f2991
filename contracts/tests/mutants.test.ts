import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { allMutants } from "../mutants/all.ts";
import { contractNames } from "../scripts/compile.ts";

test("every seeded fault still has its place in the sources: a stale one tests nothing", () => {
  expect(allMutants.length).toBeGreaterThanOrEqual(10);
  expect(contractNames()).toEqual(expect.arrayContaining(allMutants.map(({ contract }) => contract)));
  for (const { fault, file, from } of allMutants) {
    const source = readFileSync(path.resolve(import.meta.dirname, "../src", file), "utf8");
    expect(source.split(from).length - 1, fault).toBe(1);
  }
});
