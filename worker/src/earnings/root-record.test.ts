import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RootRecord } from "./root-record.ts";

const BASE = "https://pool.example";
let home: string;
beforeEach(async () => (home = await mkdtemp(join(tmpdir(), "starai-roots-"))));
afterEach(() => rm(home, { recursive: true, force: true }));

/** As after a start. */
const record = (base = BASE) => new RootRecord(home, base);

test("a challenge that was refused or taken is not tried again after a start, and another proposal is", async () => {
  for (const how of ["refused", "done"] as const) {
    expect(await record().begin(`root ${how}`)).toBeNull();
    await record().end(`root ${how}`, how);
  }
  expect(await record().begin("root refused")).toContain("is not paid for again");
  expect(await record().begin("root done")).toContain("taken already");
  expect(await record().begin("root refused, proposed once more")).toBeNull();
});

test("a try counts before it is made: a machine that dies in each pays a bounded number of times", async () => {
  for (let tried = 0; tried < 24; tried++) expect(await record().begin("root")).toBeNull();
  expect(await record().begin("root")).toContain("tried 24 times");
});

test("the first distributors of a pool stay, however many it names, and none is another pool's", async () => {
  for (const distributor of ["a", "a", "b", "c", "d"]) await record().name({ distributor, network: -3 });
  expect((await record().read()).distributors.map(({ distributor }) => distributor)).toEqual(["a", "b", "c"]);
  expect((await record("https://other.example").read()).distributors).toEqual([]);
});

test("a damaged record is said, and not taken for an empty one", async () => {
  await writeFile(join(home, "roots.json"), "{");
  await expect(record().begin("root")).rejects.toThrow(/roots\.json is damaged: move it away/);
});
