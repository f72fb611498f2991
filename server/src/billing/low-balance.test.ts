import { afterEach, beforeEach, expect, test } from "vitest";
import type { AppContext } from "../context.ts";
import { createContext } from "../create-context.ts";
import { escrows, notices, people, wallets } from "../db/schema.ts";
import { expectBooksRight } from "../testing/books.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { billOf as answerOf, fund, owe, whole } from "../testing/money.ts";
import type { TestBill } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { tellLowBalance } from "./low-balance.ts";

const NOON = Date.UTC(2026, 10, 29, 12);
const DAY_MS = 86_400_000;
/** A coin for $1.70. */
const RATE = 1_700_000n;
const PAID = 1_000n;
/** At the price of the test's answers, of which 100 tokens cost what was paid; a usual one has 200. */
const USUAL = 2n * PAID;
const OWNER = `0:${"a".repeat(64)}`;

let database: TestDatabase;
let ctx: AppContext;
let ann: string;

beforeEach(async () => {
  database = await createTestDatabase();
  ctx = createContext({ config: silentConfig(), log: silentLog, db: database.db, pg: database.pg });
  const [row] = await ctx.db.insert(people).values({ telegramId: 42, name: "Ann" }).returning({ id: people.id });
  ann = row!.id;
});
afterEach(async () => {
  await expectBooksRight(database.pg);
  await ctx.ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

/** Ends an answer as the run's end does, and returns whether the person is low. */
async function ends(asked: Partial<TestBill> = {}, terms: { nowMs?: number; rate?: bigint | null } = {}) {
  const { nowMs = NOON, rate = RATE } = terms;
  const bill = await answerOf(ctx, { person: ann, amount: PAID, budget: PAID, ...asked });
  return ctx.db.transaction((tx) => tellLowBalance(tx, { bill, nowMs, microUsdPerCoin: rate }));
}

const told = async () => (await ctx.db.select().from(notices)).map(({ params }) => params);

test("a paid answer that leaves less than a usual one costs is told, with what is left", async () => {
  const left = USUAL - 1n;
  await fund(ctx, ann, { coin: PAID + left });
  expect(await ends()).toBe(true);
  expect(await told()).toEqual([{ kind: "low_balance", paidWith: "coin", left: String(left) }]);
});

test("whoever has a usual answer left is not told", async () => {
  await fund(ctx, ann, { coin: PAID + USUAL });
  expect(await ends()).toBe(false);
  expect(await told()).toEqual([]);
});

test("it is said once a day, and again on another day", async () => {
  for (const nowMs of [NOON, NOON + DAY_MS / 3, NOON + DAY_MS]) {
    await fund(ctx, ann, { coin: PAID });
    expect(await ends({}, { nowMs })).toBe(true);
  }
  expect(await told()).toHaveLength(2);
});

test("whoever pays nothing is told nothing, however little they have", async () => {
  expect(await ends({ paidWith: "free", amount: 0n })).toBe(false);
  expect(await ends({ paidWith: "house", amount: 0n })).toBe(false);
  await fund(ctx, ann, { coin: PAID });
  expect(await ends({ amount: 0n, outcome: "failed" })).toBe(false);
  expect(await told()).toEqual([]);
});

test("what another purse or an escrow of theirs pays for is no lack", async () => {
  await fund(ctx, ann, { stars: PAID, coin: whole(1) });
  expect(await ends({ paidWith: "stars" })).toBe(false);
  // Without a rate coins pay for nothing.
  await fund(ctx, ann, { stars: PAID });
  expect(await ends({ paidWith: "stars" }, { rate: null })).toBe(true);
  await ctx.db.insert(wallets).values({ person: ann, address: OWNER, payoutsFrom: new Date() });
  await ctx.db.insert(escrows).values({
    address: `0:${"b".repeat(64)}`,
    owner: OWNER,
    networkId: -217,
    vault: OWNER,
    providerKey: "c".repeat(64),
    seenAt: new Date(),
    seenChainS: 1,
    keys: ["d".repeat(64)],
    round: 0,
    settled: 0n,
    available: whole(1),
    dailyCap: whole(1),
    capLeft: whole(1),
    judgedKeys: [],
    bookedRound: 0,
    bookedSettled: 0n,
  });
  await fund(ctx, ann, { stars: PAID });
  expect(await ends({ paidWith: "stars" }, { rate: null })).toBe(false);
});

test("a debt is taken off, and somebody who is gone is told nothing", async () => {
  await fund(ctx, ann, { stars: PAID + whole(1) });
  await owe(ctx, ann, whole(2));
  expect(await ends({ paidWith: "stars" })).toBe(true);
  expect(await told()).toEqual([{ kind: "low_balance", paidWith: "stars", left: "0" }]);
  await ctx.db.delete(notices);
  await ctx.db.delete(people);
  await fund(ctx, ann, { stars: PAID });
  await ends({ paidWith: "stars" });
  expect(await told()).toEqual([]);
});
