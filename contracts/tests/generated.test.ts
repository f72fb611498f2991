import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { contractNames, generated, kebab } from "../scripts/compile.ts";

const contractsDir = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(contractsDir, file), "utf8");

describe("what is committed is what the sources compile to", () => {
  test("every artefact and every table of codes", async () => {
    const files = await generated();
    expect(files.size).toBe(2 * contractNames().length);
    for (const [file, text] of files) expect(read(file), `run npm run contracts:compile for ${file}`).toBe(text);
  });

  test("every artefact has its source", () => {
    expect(readdirSync(path.join(contractsDir, "artefacts")).map((file) => file.replace(".json", ""))).toEqual(
      contractNames(),
    );
  });
});

test.each(["Error", "Op"])("no number means two things: every contract has its own %s codes", async (kind) => {
  const numbers: unknown[] = [];
  for (const name of contractNames()) {
    const module: Record<string, object> = await import(`../wrappers/${kebab(name)}-codes.ts`);
    numbers.push(...Object.values(module[`${name}${kind}`] ?? {}));
  }
  expect(numbers.length).toBeGreaterThan(10);
  expect(new Set(numbers).size).toBe(numbers.length);
});

test("one copy of @ton/core is installed: two refuse each other's addresses", () => {
  const root = path.resolve(contractsDir, "..");
  const found = execFileSync("find", [`${root}/node_modules`, "-path", "*/@ton/core/package.json"], {
    encoding: "utf8",
  });
  expect(found.trim().split("\n")).toHaveLength(1);
});
