import os from "node:os";
import { expect, test } from "vitest";
import { readConfig } from "./config.ts";
import { madeUpName } from "./made-up-name.ts";

test("a machine that nobody named has a made-up name, the same at every start and another for another key", () => {
  const key = "4f1a9c".padEnd(64, "0");
  expect(madeUpName(key)).toMatch(/^[a-z]+-[a-z]+-\d\d$/);
  expect(madeUpName(key)).toBe(madeUpName(key));
  expect(madeUpName("50ffee".padEnd(64, "0"))).not.toBe(madeUpName(key));
});

test("the computer's host name is never used, unless its owner sets it as the worker's name", () => {
  expect(readConfig({ HOME: "/home/anna" }).name).toBeNull();
  expect(readConfig({ HOME: "/home/anna", STARAI_WORKER_NAME: os.hostname().slice(0, 60) }).name).toBe(
    os.hostname().slice(0, 60),
  );
});
