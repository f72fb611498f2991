import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { allMutants } from "../mutants/all.ts";
import { contractNames } from "../scripts/compile.ts";

test("every seeded fault still matches its source exactly once: a stale one tests nothing", () => {
  expect(allMutants.length).toBeGreaterThanOrEqual(60);
  expect(contractNames()).toEqual(expect.arrayContaining(allMutants.map(({ contract }) => contract)));
  const places = allMutants.map(({ fault, file, from }) => {
    const source = readFileSync(path.resolve(import.meta.dirname, "../src", file), "utf8");
    return { fault, places: source.split(from).length - 1 };
  });
  expect(places.filter(({ places }) => places !== 1)).toEqual([]);
});
