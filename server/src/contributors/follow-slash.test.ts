/** What an account's state says of a stored slash. Over the real contract: sandbox/tests/slashes.test.ts. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ContributorAccountTerms as Terms } from "@starai/contracts/contributor-account-codes";
import { slashProposals } from "../db/schema.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { followSlashes } from "./follow-slash.ts";
import { outcomeInState, reasonOf } from "./slash-outcome.ts";

const reason = reasonOf("{}");
const executeAfter = 1_000_000;
const fixed = executeAfter + Terms.DISPUTE_SECONDS + Terms.COOL_DOWN_SECONDS;
const over = { reason, disputed: 0n, executeAfter, coolUntil: fixed };

test("a slash that is over was executed, cancelled or expired by the cool-down that it left", () => {
  expect(outcomeInState({ ...over, disputed: 2n }, reason)).toBe("open");
  expect(outcomeInState({ ...over, coolUntil: 0 }, reason)).toBe("executed");
  expect(outcomeInState(over, reason)).toBe("expired");
  for (const coolUntil of [fixed - 1, executeAfter, 1])
    expect(outcomeInState({ ...over, coolUntil }, reason)).toBe("cancelled");
});

test("another slash's state, and that of an account without one or of none, say nothing of it", () => {
  expect(outcomeInState({ ...over, reason: reason + 1n, coolUntil: 0 }, reason)).toBe("unknown");
  expect(outcomeInState({ reason: 0n, disputed: 0n, executeAfter: 0, coolUntil: 0 }, reason)).toBe("unknown");
  expect(outcomeInState(null, reason)).toBe("unknown");
});

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  const slash = { wallet: `0:${"ab".repeat(32)}`, amount: 2n, reason: "Copied answers.", evidence: "{}" };
  await database.db.delete(slashProposals);
  await database.db.insert(slashProposals).values(slash);
});
afterAll(() => database[Symbol.asyncDispose]());

const slash = async () => (await database.db.select().from(slashProposals))[0]!;
const see = async (outcome: Parameters<typeof followSlashes>[1][number]["outcome"], at: Date) =>
  followSlashes(database.db, [{ id: (await slash()).id, outcome }], at);
const [first, second] = [new Date(1_000), new Date(2_000)];

test("an open slash is shown from the first look on, and its contributor can read of it", async () => {
  await see("open", first);
  await see("open", second);
  expect(await slash()).toMatchObject({ state: "proposed", shownAt: first, endedAt: null });
});

test("what ended stays as it ended, also where an endpoint says later that it is open or ended otherwise", async () => {
  await see("executed", first);
  for (const late of ["open", "cancelled"] as const) await see(late, second);
  expect(await slash()).toMatchObject({ state: "executed", shownAt: first, endedAt: first });
});
