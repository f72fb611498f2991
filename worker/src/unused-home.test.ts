import { mkdtemp, rm, writeFile, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { unusedHome } from "./control.ts";

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "starai-homes-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

test("workers that start in the same moment take different folders beside the usual one", async () => {
  const home = join(await folder(), "worker");
  const taken = await Promise.all([unusedHome(home), unusedHome(home), unusedHome(home)]);
  expect(taken.toSorted()).toEqual([`${home}-2`, `${home}-3`, `${home}-4`]);
});

test("a folder whose worker was killed is used again, and there is an end to how many there are", async () => {
  const home = join(await folder(), "worker");
  await mkdir(`${home}-2`);
  // No process has this number.
  await writeFile(join(`${home}-2`, "in-use.lock"), "999999999 left behind\n");
  expect(await unusedHome(home)).toBe(`${home}-2`);
  for (let count = 3; count <= 16; count++) await unusedHome(home);
  await expect(unusedHome(home)).rejects.toThrow(/16 workers run on this machine already: stop one/);
});
