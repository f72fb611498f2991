import { expect, test } from "vitest";
import { OwnerCodes } from "./owner-codes.ts";

const DAY = 24 * 3_600_000;

test("a code is good for a day and not a moment longer", () => {
  const time = { now: 0 };
  const codes = new OwnerCodes({ clock: () => time.now, monotonic: () => time.now });
  const { code, expiresAt } = codes.make("ann");
  expect(expiresAt.getTime()).toBe(DAY);
  time.now = DAY - 1;
  expect(codes.find(code)).toMatchObject({ person: "ann" });
  time.now = DAY;
  expect(codes.find(code)).toBeUndefined();
});

test("codes of however many people are ten thousand at most, the newest", () => {
  const codes = new OwnerCodes({ clock: () => 0, monotonic: () => 0 });
  const made = Array.from({ length: 10_001 }, (_, at) => codes.make(`person ${at}`).code);
  expect(codes.find(made[0]!)).toBeUndefined();
  expect(codes.find(made[1]!)).toBeDefined();
  expect(codes.find(made.at(-1)!)).toBeDefined();
});
