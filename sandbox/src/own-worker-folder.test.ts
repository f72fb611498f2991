import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readConfig } from "@starai/worker/config";
import { ownWorkerFolder } from "./own-worker-folder.ts";

async function homeWith(...files: string[]): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-own-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  for (const file of files) {
    await mkdir(path.dirname(path.join(home, file)), { recursive: true });
    await writeFile(path.join(home, file), file);
  }
  return home;
}

test("a worker of this user in the same data folder is another machine", async () => {
  const home = await homeWith();
  expect(ownWorkerFolder(home)).not.toBe(readConfig({ STARAI_HOME: home }).home);
});

test("the worker of an earlier start stays the same, once", async () => {
  const home = await homeWith("secrets.json", "worker/worker-key.pem");
  const folder = ownWorkerFolder(home);
  expect(await readFile(path.join(folder, "worker-key.pem"), "utf8")).toBe("worker/worker-key.pem");
  // From then on `worker` is another one's.
  await mkdir(path.join(home, "worker"));
  expect(ownWorkerFolder(home)).toBe(folder);
  expect(existsSync(path.join(home, "worker"))).toBe(true);
});

test("a worker that was there before the first start keeps its folder", async () => {
  const home = await homeWith("worker/worker-key.pem");
  expect(existsSync(path.join(ownWorkerFolder(home), "worker-key.pem"))).toBe(false);
  expect(existsSync(path.join(home, "worker/worker-key.pem"))).toBe(true);
});

test("a worker that came while a first start was killed keeps its folder, too", async () => {
  const home = await homeWith();
  const folder = ownWorkerFolder(home);
  // Killed once the secrets were made, and before its own worker had a key.
  await writeFile(path.join(home, "secrets.json"), "{}");
  await mkdir(path.join(home, "worker"));
  await writeFile(path.join(home, "worker/worker-key.pem"), "another's");
  expect(ownWorkerFolder(home)).toBe(folder);
  expect(await readFile(path.join(home, "worker/worker-key.pem"), "utf8")).toBe("another's");
});
