/** What a contributor's machine is handed: the worker, the same bytes from every server, and nothing that is nobody's business. */
import { chmod, mkdir, readFile, rm, symlink, utimes } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { list } from "tar";
import type { ReadEntry } from "tar";
import { afterAll, expect, test } from "vitest";
import { makeCheckout, TRACKED, write } from "../testing/join.ts";
import { WorkerArchive } from "./worker-archive.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const made: string[] = [];
afterAll(async () => {
  for (const root of made) await rm(root, { recursive: true, force: true });
});

async function checkout(isGit: boolean): Promise<string> {
  const root = await makeCheckout({ isGit });
  made.push(root);
  return root;
}

/** Its entries as a tar of our lock file reads them. */
async function entriesIn(bytes: Uint8Array): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  const reading = list({ strict: true, onReadEntry: (entry) => entries.push(entry) });
  await new Promise<void>((resolve, reject) => {
    reading.on("end", () => resolve());
    reading.on("error", reject);
    reading.end(Buffer.from(bytes));
  });
  return entries;
}

test.each([true, false])("it holds what a worker is made of and nothing beside it; with git: %s", async (isGit) => {
  const { bytes, name, sha256 } = await new WorkerArchive(await checkout(isGit)).get();
  const entries = await entriesIn(bytes);
  expect(entries.map(({ path: file }) => file)).toEqual(Object.keys(TRACKED).sort());
  for (const { mode, uid, gid, mtime, type } of entries)
    expect({ mode, uid, gid, mtime, type }).toEqual({ mode: 0o644, uid: 0, gid: 0, mtime: new Date(0), type: "File" });
  expect(Buffer.from(bytes).includes("secret")).toBe(false);
  expect(name).toBe(`starai-0.1.0-${sha256.slice(0, 12)}.tar`);
});

test("two servers of one checkout hand out the same bytes, whatever their files' times and rights, and one of another does not", async () => {
  const [one, other, third] = await Promise.all([checkout(true), checkout(true), checkout(false)]);
  await chmod(path.join(other, "worker/src/main.ts"), 0o700);
  await utimes(path.join(other, "scripts/run.mjs"), 1, 1);
  const { sha256 } = await new WorkerArchive(one).get();
  expect((await new WorkerArchive(other).get()).sha256).toBe(sha256);
  expect((await new WorkerArchive(third).get()).sha256).toBe(sha256);
  await write(third, "worker/src/main.ts", "export {}; // changed\n");
  expect((await new WorkerArchive(third).get()).sha256).not.toBe(sha256);
});

test("a file that git does not track is not handed out", async () => {
  const root = await checkout(true);
  const { sha256 } = await new WorkerArchive(root).get();
  await write(root, "worker/src/notes.ts", "mine\n");
  expect((await new WorkerArchive(root).get()).sha256).toBe(sha256);
});

test("a link out of the checkout is refused, and so is a checkout that git cannot list; both are tried again", async () => {
  const root = await checkout(true);
  const archive = new WorkerArchive(root);
  await rm(path.join(root, "protocol/words.ts"));
  await symlink("/etc/passwd", path.join(root, "protocol/words.ts"));
  await expect(archive.get()).rejects.toThrow("protocol/words.ts is no plain file");
  await rm(path.join(root, "protocol/words.ts"));
  await write(root, "protocol/words.ts", TRACKED["protocol/words.ts"]);
  await archive.get();

  const broken = await checkout(false);
  await mkdir(path.join(broken, ".git"));
  await expect(new WorkerArchive(broken).get()).rejects.toThrow(/git/);
});

/** A file's own ones: what it imports, and what it starts or reads beside itself. Folders are read only where they are. */
const NEEDED = /(?:\bfrom|\bimport|\bimport\(|\bnew URL\()\s*"(\.{1,2}\/[^"]+\.[a-z]+|@starai\/[^"]+)"/g;

/** Every file of this checkout that one needs, from the root on. */
async function neededBy(...entries: string[]): Promise<Set<string>> {
  const found = new Set(entries);
  for (const file of found) {
    if (!/\.(ts|mjs)$/.test(file)) continue;
    const place = path.join(ROOT, file);
    for (const [, name = ""] of (await readFile(place, "utf8")).matchAll(NEEDED))
      found.add(path.relative(ROOT, createRequire(place).resolve(name)));
  }
  return found;
}

test("nothing is missing that the worker's own code imports", async () => {
  const files = (await entriesIn((await new WorkerArchive(ROOT).get()).bytes)).map(({ path: file }) => file);
  const needed = await neededBy("worker/src/main.ts", "worker/src/engines/llama/child.ts", "scripts/run.mjs");
  expect(needed.size).toBeGreaterThan(100);
  expect([...needed].filter((file) => !files.includes(file))).toEqual([]);
});

test("this very checkout's holds what npm and the worker read, and every file of it is tracked", async () => {
  const { bytes } = await new WorkerArchive(ROOT).get();
  const files = (await entriesIn(bytes)).map(({ path: file }) => file);
  const tracked = new Set(execFileSync("git", ["-C", ROOT, "ls-files"], { encoding: "utf8" }).split("\n"));
  expect(files.filter((file) => !tracked.has(file))).toEqual([]);
  expect(files).toEqual(
    expect.arrayContaining(["scripts/no-gpu/package.json", "server/package.json", "protocol/catalogue.json"]),
  );
  expect(files.filter((file) => /^(server|bot|miniapp|sandbox)\/(?!package\.json)/.test(file))).toEqual([]);
  expect(bytes.length).toBeLessThan(4 * 1024 * 1024);
});
