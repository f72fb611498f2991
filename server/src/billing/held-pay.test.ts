import { randomBytes } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { creditTotals } from "../db/schema.ts";
import { createTestDatabase } from "../testing/database.ts";
import { firstEarnedEpochs, heldUntil, isHeld } from "./held-pay.ts";

const database = await createTestDatabase();
afterAll(() => database.close());

test("pay waits through the first epoch and the next, and the closing after those releases it", () => {
  expect([3, 4, 5, 6].map((closing) => isHeld(3, closing))).toEqual([true, true, false, false]);
  expect([3, 4, 5, 6].map((running) => heldUntil(3, running))).toEqual([5, 5, null, null]);
});

test("a worker's first epoch is the earliest of its assets, and one that never earned has none", async () => {
  const [one, other, never] = [1, 2, 3].map(() => randomBytes(32).toString("hex")) as [string, string, string];
  await database.db.insert(creditTotals).values([
    { worker: one, asset: "coin", firstEpoch: 4 },
    { worker: one, asset: "stars", firstEpoch: 2 },
    { worker: other, asset: "coin", firstEpoch: 1 },
  ]);
  const found = await firstEarnedEpochs(database.db, [one, never]);
  expect([...found]).toEqual([[one, 2]]);
  expect(await firstEarnedEpochs(database.db, [])).toEqual(new Map());
});
