/** The day's chore on a real database, by a clock that the test sets. */
import type { TonClient } from "@ton/ton";
import { pino } from "pino";
import { expect, test } from "vitest";
import { startBackground } from "./background.ts";
import { ChainDoor } from "./chain/chain-door.ts";
import { freeAnswers, notices, rates, updates } from "./db/schema.ts";
import { createTestDatabase } from "./testing/database.ts";
import { Events } from "./events/events.ts";
import { Health } from "./health.ts";
import { Ledger } from "./ledger/ledger.ts";
import { testChain } from "./testing/coins.ts";

const DAY_MS = 24 * 60 * 60_000;
const NOON = Date.UTC(2026, 10, 23, 12);

async function openChores() {
  const database = await createTestDatabase();
  const { db, pg } = database;
  const log = pino({ level: "silent" });
  const time = { now: NOON };
  const ledger = new Ledger(database.connection);
  const parts = {
    db,
    pg,
    log,
    ledger,
    health: new Health(new Events(log)),
    clock: () => time.now,
    ton: new ChainDoor(),
  };
  const open = () => startBackground(parts);
  let id = 0;
  return {
    db,
    pg,
    time,
    ton: parts.ton,
    open,
    /** An update that was handled this many days ago. */
    handled: (daysAgo: number) =>
      db.insert(updates).values({ bot: 1, updateId: ++id, body: {}, handledAt: new Date(time.now - daysAgo * DAY_MS) }),
    kept: async () => (await db.select({ id: updates.updateId }).from(updates)).map((row) => row.id),
    [Symbol.asyncDispose]: async () => {
      await ledger[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

test("the chore deletes what was kept long enough, and nothing younger", async () => {
  await using stack = await openChores();
  await stack.handled(8);
  await stack.handled(6);
  const background = stack.open();
  expect(await background.look()).toBe(true);
  expect(await stack.kept()).toEqual([2]);
  await background.stop();
});

const dayBefore = (days: number) => new Date(NOON - days * DAY_MS).toISOString().slice(0, 10);

test("the chore deletes counts of free answers of days that are over everywhere, and not today's", async () => {
  await using stack = await openChores();
  const person = "00000000-0000-4000-8000-000000000001";
  await stack.db
    .insert(freeAnswers)
    .values([0, 1, 3].map((ago) => ({ person, day: dayBefore(ago), used: 1, allowed: 20 })));
  const background = stack.open();
  expect(await background.look()).toBe(true);
  const left = (await stack.db.select().from(freeAnswers)).map(({ day }) => day);
  expect(left.toSorted()).toEqual([dayBefore(1), dayBefore(0)]);
  await background.stop();
});

test("the chore deletes rates after 90 days, and never the latest one", async () => {
  await using stack = await openChores();
  const rate = (daysAgo: number) => ({
    microUsdPerCoin: 1_700_000n,
    at: new Date(NOON - daysAgo * DAY_MS),
    sources: ["a", "b"],
  });
  await stack.db.insert(rates).values([rate(91), rate(89)]);
  const background = stack.open();
  expect(await background.look()).toBe(true);
  const left = async () => (await stack.db.select({ id: rates.id }).from(rates)).map(({ id }) => id);
  expect(await left()).toEqual([2]);
  stack.time.now += 400 * DAY_MS;
  expect(await background.look()).toBe(true);
  expect(await left()).toEqual([2]);
  await background.stop();
});

const ago = (days: number) => new Date(NOON - days * DAY_MS);
const notice = (event: string, createdAt: Date, toldAt: Date | null) => ({
  event,
  telegramId: 1,
  params: { kind: "payout_returned", amount: "1" } as const,
  createdAt,
  toldAt,
});

test("the chore deletes notices 30 days after they were told, and none that is not told yet", async () => {
  await using stack = await openChores();
  await stack.db
    .insert(notices)
    .values([
      notice("told long ago", ago(32), ago(31)),
      notice("told lately", ago(32), ago(29)),
      notice("not told", ago(400), null),
    ]);
  const background = stack.open();
  expect(await background.look()).toBe(true);
  const left = (await stack.db.select({ event: notices.event }).from(notices)).map(({ event }) => event);
  expect(left.toSorted()).toEqual(["not told", "told lately"]);
  await background.stop();
});

test("the chore is done once a day: the day begins at 03:00 UTC", async () => {
  await using stack = await openChores();
  const background = stack.open();
  expect(await background.look()).toBe(true);
  stack.time.now = NOON + 14 * 60 * 60_000;
  expect(await background.look()).toBe(false);
  stack.time.now = NOON + 15 * 60 * 60_000;
  expect(await background.look()).toBe(true);
  await background.stop();
});

test("a server does not begin the chore while another one does it, and does it at a later look", async () => {
  await using stack = await openChores();
  await stack.handled(8);
  const background = stack.open();
  const other = await stack.pg.connect();
  await other.query("begin; select pg_advisory_xact_lock(7243002)");
  expect(await background.look()).toBe(false);
  expect(await stack.kept()).toEqual([1]);
  await other.query("commit");
  other.release();
  expect(await background.look()).toBe(true);
  expect(await stack.kept()).toEqual([]);
  await background.stop();
});

test("coins that cannot be moved while the books and the chain differ are moved later the same day, and the rest is not done twice", async () => {
  await using stack = await openChores();
  let asked = 0;
  stack.ton.open({ ...testChain(), hotSeed: Buffer.alloc(32, 1) });
  stack.ton.drifted = true;
  const background = stack.open();
  expect(await background.look()).toBe(true);
  await stack.handled(8);
  // The chain is asked now, and does not answer: that is tried again, too.
  stack.ton.drifted = false;
  stack.ton.open({ ...stack.ton.get(), client: clientThat(() => asked++) });
  expect(await background.look()).toBe(false);
  expect(await background.look()).toBe(false);
  expect(asked).toBe(2);
  expect(await stack.kept()).toEqual([1]);
  await background.stop();
});

/** No endpoint: whoever asks it anything is counted and refused. */
function clientThat(wasAsked: () => void): TonClient {
  return {
    open: () => ({
      getState: () => {
        wasAsked();
        return Promise.reject(new Error("down"));
      },
    }),
  } as unknown as TonClient;
}

test("a chore that fails is tried again at the next look", async () => {
  await using stack = await openChores();
  await stack.pg.query("alter table updates rename to elsewhere");
  const background = stack.open();
  expect(await background.look()).toBe(false);
  await stack.pg.query("alter table elsewhere rename to updates");
  expect(await background.look()).toBe(true);
  await background.stop();
});
