import { expect, test } from "vitest";
import { WORKER_VERSION, isOlderVersion } from "./worker-version.ts";

test.each([
  ["0.1.0", "0.1.1"],
  ["0.9.0", "0.10.0"],
  ["0.9.9", "1.0.0"],
])("%s is older than %s, and not the other way round", (one, other) => {
  expect(isOlderVersion(one, other)).toBe(true);
  expect(isOlderVersion(other, one)).toBe(false);
});

test.each(["", "1", "1.2", "latest", "1.2.3-beta", "1.2.3.4", "9".repeat(400)])(
  "what is no version is not old: %s",
  (version) => {
    expect(isOlderVersion(version, "9.9.9")).toBe(false);
  },
);

test("nothing is older than itself, and this one can be read", () => {
  expect(isOlderVersion(WORKER_VERSION, WORKER_VERSION)).toBe(false);
  expect(isOlderVersion("0.0.0", WORKER_VERSION)).toBe(true);
});
