import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readConfig } from "../config.ts";
import { silent } from "../testing/worker-home.ts";
import { faultLog, start } from "./start.ts";
import type { OwnerScreen } from "./start.ts";

/** A terminal that only remembers in which order things came to it. */
function remembering(): { steps: string[]; screen: OwnerScreen } {
  const steps: string[] = [];
  const screen = { say: () => {}, tell: () => {}, hear: () => {}, close: () => void steps.push("own screen back") };
  return { steps, screen };
}

test("where the worker cannot start, the terminal has its own screen back before the reason is told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "starai-start-"));
  // A file where the home should be.
  await writeFile(join(folder, "home"), "");
  const config = readConfig({ STARAI_WORKER_HOME: join(folder, "home", "worker") });
  const { steps, screen } = remembering();
  await start(config, silent, screen).catch((error: unknown) => steps.push((error as Error).message));
  expect(steps).toEqual(["own screen back", expect.stringMatching(/ENOTDIR|EEXIST/)]);
  await rm(folder, { recursive: true });
});

test("a fault that ends the worker is told below the view, and only to the log where there is no terminal", () => {
  const { steps, screen } = remembering();
  const stderr = { write: (text: string) => steps.push(text) };
  faultLog(silent, screen, stderr).fatal({ err: new Error("the disk is gone") }, "a fault nobody caught");
  expect(steps).toEqual(["own screen back", expect.stringMatching(/^a fault nobody caught\nError: the disk is gone/)]);
  steps.length = 0;
  faultLog(silent, null, stderr).fatal({ err: new Error("the disk is gone") }, "a fault nobody caught");
  expect(steps).toEqual([]);
});
