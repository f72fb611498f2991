/** The day's chore on a real database, by a clock that the test sets. */
import { pino } from "pino";
import { expect, test } from "vitest";
import { startBackground } from "./background.ts";
import { updates } from "./db/schema.ts";
import { createTestDatabase } from "./testing/database.ts";
import { Events } from "./events/events.ts";
import { Health } from "./health.ts";

const DAY_MS = 24 * 60 * 60_000;
const NOON = Date.UTC(2026, 10, 23, 12);

async function openChores() {
  const database = await createTestDatabase();
  const { db, pg } = database;
  const log = pino({ level: "silent" });
  const time = { now: NOON };
  const open = () => startBackground({ db, log, health: new Health(new Events(log)), clock: () => time.now });
  let id = 0;
  return {
    pg,
    time,
    open,
    /** An update that was handled this many days ago. */
    handled: (daysAgo: number) =>
      db.insert(updates).values({ bot: 1, updateId: ++id, body: {}, handledAt: new Date(time.now - daysAgo * DAY_MS) }),
    kept: async () => (await db.select({ id: updates.updateId }).from(updates)).map((row) => row.id),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
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

test("a chore that fails is tried again at the next look", async () => {
  await using stack = await openChores();
  await stack.pg.query("alter table updates rename to elsewhere");
  const background = stack.open();
  expect(await background.look()).toBe(false);
  await stack.pg.query("alter table elsewhere rename to updates");
  expect(await background.look()).toBe(true);
  await background.stop();
});
