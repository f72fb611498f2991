import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { slashProposals } from "../db/schema.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { followSlash } from "./follow-slash.ts";

const wallet = `0:${"ab".repeat(32)}`;
const before = { stake: 5n, unbonding: 4n, disputed: 0n };
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  await database.db.delete(slashProposals);
  await database.db.insert(slashProposals).values({ wallet, amount: 2n, reason: "Copied answers.", evidence: "{}" });
});
afterAll(() => database[Symbol.asyncDispose]());

const see = (was: typeof before, after: typeof before | null) =>
  followSlash(database.db, { wallet, before: was, after, at: new Date() });
const slash = async () => (await database.db.select().from(slashProposals))[0]!;

test("a slash that the chain does not show stays proposed and unseen, also beside another dispute", async () => {
  await see(before, before);
  await see(before, { ...before, disputed: 3n });
  expect(await slash()).toMatchObject({ state: "proposed", shownAt: null, endedAt: null });
});

test("a dispute that is gone with the stake as it was is cancelled, and of two alike one was shown", async () => {
  await database.db.insert(slashProposals).values({ wallet, amount: 2n, reason: "Again.", evidence: "{}" });
  for (let look = 0; look < 2; look++) await see(before, { ...before, disputed: 2n });
  await see({ ...before, disputed: 2n }, before);
  const rows = await database.db.select().from(slashProposals);
  expect(rows.map(({ state, shownAt }) => `${state} ${shownAt !== null}`).toSorted()).toEqual([
    "cancelled true",
    "proposed false",
  ]);
});

test("one whose amount is gone was executed, and nothing after that changes it", async () => {
  const disputed = { ...before, disputed: 2n };
  await see(before, disputed);
  await see(disputed, { ...before, unbonding: 2n });
  expect(await slash()).toMatchObject({ state: "executed" });
  await see(before, null);
  expect((await slash()).state).toBe("executed");
});
