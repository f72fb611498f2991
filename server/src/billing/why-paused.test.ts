import { pino } from "pino";
import { afterAll, beforeEach, expect, test } from "vitest";
import { moneySettings, rates } from "../db/schema.ts";
import { Events } from "../events/events.ts";
import { Health } from "../health.ts";
import { RateBook } from "../rates/rate-book.ts";
import { createTestDatabase } from "../testing/database.ts";
import { storeRate } from "../testing/rates.ts";
import { SettingsStore } from "./money-settings.ts";
import { whyPaused } from "./why-paused.ts";

const database = await createTestDatabase();
afterAll(() => database[Symbol.asyncDispose]());
const { db } = database;

beforeEach(async () => {
  await db.delete(moneySettings);
  await db.delete(rates);
});

/** As a server that has just started asks. */
function why(paidIn: "coin" | "stars", { halted = false } = {}) {
  const log = pino({ level: "silent" });
  const parts = { db, log, health: new Health(new Events(log)), clock: Date.now, monotonic: () => performance.now() };
  const ctx = { ledger: { halted }, settings: new SettingsStore(parts), rates: new RateBook(parts) };
  return whyPaused(ctx, { paidIn });
}
const set = (name: string, value: unknown) => db.insert(moneySettings).values({ name, value });

test("nothing is paused with a usable rate; without one coins are and Stars are not", async () => {
  expect([await why("coin"), await why("stars")]).toEqual(["rate", null]);
  await storeRate(db);
  expect([await why("coin"), await why("stars")]).toEqual([null, null]);
  await storeRate(db, { stopped: "jump" });
  expect([await why("coin"), await why("stars")]).toEqual(["rate", null]);
});

test("prices in coins need a rate for Stars, and for coins because limits are in dollars", async () => {
  await set("prices.unit", "nano");
  expect([await why("coin"), await why("stars")]).toEqual(["rate", "rate"]);
});

test("wrong books pause both, and so does an operator; the books are said first", async () => {
  await storeRate(db);
  await set("halted", true);
  expect([await why("coin"), await why("stars")]).toEqual(["operator", "operator"]);
  expect([await why("coin", { halted: true }), await why("stars", { halted: true })]).toEqual(["books", "books"]);
});
