import { expect, test } from "vitest";
import { WORKER_VERSION, isBuild, isOutdated, versionOf } from "./worker-version.ts";

const [ONE, OTHER] = ["0123456789ab", "ba9876543210"];

test.each([
  ["0.1.0", "0.1.1"],
  ["0.9.0", "0.10.0"],
  ["0.9.9", "1.0.0"],
  [`0.1.0+${ONE}`, `0.1.1+${ONE}`],
  ["0.1.0", `0.1.1+${ONE}`],
])("%s is outdated where %s is handed out, and not the other way round", (one, other) => {
  expect(isOutdated(one, other)).toBe(true);
  expect(isOutdated(other, one)).toBe(false);
});

test("another build of one version is outdated, the same is not, and a clone's, which has none, is not", () => {
  expect(isOutdated(`0.1.0+${ONE}`, `0.1.0+${OTHER}`)).toBe(true);
  expect(isOutdated(`0.1.0+${ONE}`, `0.1.0+${ONE}`)).toBe(false);
  expect(isOutdated("0.1.0", `0.1.0+${ONE}`)).toBe(false);
  expect(isOutdated(`0.1.0+${ONE}`, "0.1.0")).toBe(false);
});

test.each(["", "1", "1.2", "latest", "1.2.3-beta", "1.2.3+", "1.2.3+xyz", "1.2.3.4", "9".repeat(400)])(
  "what is no version is not outdated: %s",
  (version) => {
    expect(isOutdated(version, "9.9.9")).toBe(false);
  },
);

test("this version can be read, with a build and without", () => {
  expect(isOutdated("0.0.0", versionOf(null))).toBe(true);
  expect(isOutdated("0.0.0", versionOf(ONE))).toBe(true);
  expect(versionOf(ONE)).toBe(`${WORKER_VERSION}+${ONE}`);
  expect([ONE, "0123456789AB", "0123456789abc", "worker"].map(isBuild)).toEqual([true, false, false, false]);
});
