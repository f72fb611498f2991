import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RootRecord } from "./root-record.ts";

const BASE = "https://pool.example";
const CHILD = ["--import", "tsx", join(import.meta.dirname, "../testing/record-roots.ts")];
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

const proposalsOf = async (base = BASE) =>
  (await record(base).read()).challenges.map(({ proposal }) => proposal).toSorted();

test("a running worker and a command that write at once lose nothing of each other's, whatever they write", async () => {
  await Promise.all([
    record().begin("a root"),
    record().name({ distributor: "a", network: -3 }),
    record().addFiles({ ["1".repeat(64)]: "2".repeat(64) }),
    record("https://other.example").begin("another pool's root"),
  ]);
  expect(await record().read()).toEqual({
    distributors: [{ distributor: "a", network: -3 }],
    files: { ["1".repeat(64)]: "2".repeat(64) },
    challenges: [{ proposal: "a root", tries: 1, ended: null }],
  });
  expect(await proposalsOf("https://other.example")).toEqual(["another pool's root"]);
});

test("of two that begin one challenge at once each counts as a try", async () => {
  await Promise.all([record().begin("root"), record().begin("root")]);
  expect((await record().read()).challenges).toEqual([{ proposal: "root", tries: 2, ended: null }]);
});

test("two processes that record at once lose nothing, and leave no lock behind", async () => {
  const names = ["command", "daemon"];
  const children = names.map((name) => spawn(process.execPath, [...CHILD, home, BASE, name, "25"]));
  const ended = children.map((child) => once(child, "close"));
  await Promise.all(children.map((child) => once(child.stdout, "data")));
  for (const { stdin } of children) stdin.end();
  for (const [code] of await Promise.all(ended)) expect(code).toBe(0);
  const all = names.flatMap((name) => Array.from({ length: 25 }, (_, nth) => `${name} ${nth}`));
  expect(await proposalsOf()).toEqual(all.toSorted());
  expect(await readdir(home)).toEqual(["roots.json"]);
}, 60_000);

test("a lock that a killed process left does not stop the next one", async () => {
  await writeFile(join(home, "roots.json.lock"), "999999999 gone\n");
  expect(await record().begin("root")).toBeNull();
});

test("a look that finds nothing new writes nothing", async () => {
  await record().name({ distributor: "a", network: -3 });
  const before = await stat(join(home, "roots.json"));
  await record().name({ distributor: "a", network: -3 });
  expect((await stat(join(home, "roots.json"))).ino).toBe(before.ino);
});

test("a damaged record is said, and not taken for an empty one", async () => {
  await writeFile(join(home, "roots.json"), "{");
  await expect(record().begin("root")).rejects.toThrow(/roots\.json is damaged: move it away/);
});
