import { expect, test } from "vitest";
import { PoolVersion } from "./pool-version.ts";
import type { Told } from "./pool-version.ts";

const split = { serves: "own" as const, build: "ab".repeat(32), memoryBytes: 1e9, wants: "m", files: [] };
const all: Told = { notes: { coin: 0, stars: 0 }, split, ownerCode: "code" };

test("a pool that refuses is told less, that of the newest version first", () => {
  const version = new PoolVersion(() => 0);
  expect(version.told(all)).toEqual(all);
  version.refused(version.told(all));
  expect(version.told(all)).toEqual({ notes: all.notes, split: null, ownerCode: null });
  expect(version.knowsGroups).toBe(false);
  version.refused(version.told(all));
  expect(version.told(all)).toEqual({ notes: null, split: null, ownerCode: null });
});

test("a pool that refused notes alone is not taken for one that knows them", () => {
  const version = new PoolVersion(() => 0);
  version.refused({ notes: all.notes, split: null, ownerCode: null });
  expect(version.told(all).notes).toBeNull();
});

test("after an hour it is told everything again", () => {
  let now = 0;
  const version = new PoolVersion(() => now);
  version.refused(all);
  expect(version.olderForMs).toBe(3_600_000);
  now = 3_600_000;
  expect(version.olderForMs).toBe(0);
  expect(version.told(all)).toEqual(all);
});
