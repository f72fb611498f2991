import { expect, test } from "vitest";
import { WORKER_VERSION } from "@starai/protocol/worker-version";
import { ownVersion } from "./own-version.ts";

test("a copy from /join says its build, which is its folder's name; a clone says none", () => {
  expect(ownVersion("/home/ann/.local/share/starai/0123456789ab")).toBe(`${WORKER_VERSION}+0123456789ab`);
  expect(ownVersion("/home/ann/starai")).toBe(WORKER_VERSION);
  expect(ownVersion()).toMatch(/^\d+\.\d+\.\d+/);
});
