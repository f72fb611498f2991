import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "./replace-file.ts";

let home: string;
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), "starai-replace-"))));
afterEach(async () => await rm(home, { recursive: true }));

test("of many replacements at once one remains, whole, and no unfinished file", async () => {
  const path = join(home, "deep", "notes.json");
  const texts = Array.from({ length: 50 }, (_, at) => String(at).repeat(20_000));
  await Promise.all(texts.map((text) => replaceFile(path, text)));
  expect(texts).toContain(await readFile(path, "utf8"));
  expect(await readdir(join(home, "deep"))).toEqual(["notes.json"]);
});

test("nobody but its owner can read the file", async () => {
  const path = join(home, "notes.json");
  await replaceFile(path, "{}");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});
