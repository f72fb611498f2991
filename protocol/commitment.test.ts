import { expect, test } from "vitest";
import { commitmentHead, idBytes } from "./commitment.ts";

const lease = { job: "0f2c9a52-6a0e-4d5b-9a0e-3f1f9d6f2b11", fence: 3, sha256: "ab".repeat(32) };

test("a commitment names its version, the lease and the model's file, a line each", () => {
  expect(commitmentHead(lease)).toBe(`starai/commitment/v1\n${lease.job}\n3\n${lease.sha256}\n`);
});

test("ids are 32 bits each, so that no two lists of ids have the same bytes", () => {
  expect([...idBytes([1, 70_000])]).toEqual([0, 0, 0, 1, 0, 1, 0x11, 0x70]);
  expect(idBytes([12, 3])).not.toEqual(idBytes([1, 23]));
  expect(idBytes([])).toHaveLength(0);
});
