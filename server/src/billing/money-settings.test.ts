/** How a running server follows what operators store. */
import { pino } from "pino";
import { afterAll, beforeEach, expect, test } from "vitest";
import { moneySettings } from "../db/schema.ts";
import { Events } from "../events/events.ts";
import { Health } from "../health.ts";
import { createTestDatabase } from "../testing/database.ts";
import { DEFAULT_SETTINGS, SettingsStore } from "./money-settings.ts";

const database = await createTestDatabase();
afterAll(() => database[Symbol.asyncDispose]());

let monotonic = 0;
let said: { msg: string; setting?: string }[];
let store: SettingsStore;
beforeEach(async () => {
  await database.db.delete(moneySettings);
  said = [];
  const log = pino({ level: "info" }, { write: (line: string) => void said.push(JSON.parse(line) as never) });
  const health = new Health(new Events(log));
  store = new SettingsStore({ db: database.db, health, log, monotonic: () => monotonic });
});

const set = (name: string, value: unknown) =>
  database.db
    .insert(moneySettings)
    .values({ name, value })
    .onConflictDoUpdate({ target: moneySettings.name, set: { value } });
const seconds = (count: number) => void (monotonic += count * 1_000);

test("a change is followed within five seconds, and not asked for at every answer", async () => {
  expect(await store.now()).toEqual(DEFAULT_SETTINGS);
  await set("halted", true);
  expect((await store.now()).halted).toBe(false);
  seconds(4);
  expect((await store.now()).halted).toBe(true);
});

test("all who ask at once share one reading", async () => {
  const [one, other] = await Promise.all([store.now(), store.now()]);
  expect(one).toBe(other);
});

test("a row that cannot be read is logged once, and again when it changes; the others count", async () => {
  await set("fee", "a lot");
  await set("free.answersPerDay", 3);
  for (let reads = 0; reads < 3; reads++) {
    expect(await store.now()).toMatchObject({ feeBasisPoints: 1_000, free: { answersPerDay: 3 } });
    seconds(4);
  }
  expect(said.map(({ setting }) => setting)).toEqual(["fee"]);
  await set("fee", { feeBasisPoints: 9_999, lossBasisPoints: 0 });
  await store.now();
  expect(said).toHaveLength(2);
});

test("while the database is away the last known settings hold, and once it is back the new ones", async () => {
  await set("halted", true);
  await store.now();
  await database.pg.query("alter table money_settings rename to elsewhere");
  seconds(4);
  expect((await store.now()).halted).toBe(true);
  expect(said.map(({ msg }) => msg)).toEqual(["the money settings could not be read; going on with the last known"]);
  await database.pg.query("alter table elsewhere rename to money_settings");
  await set("halted", false);
  expect((await store.now()).halted).toBe(true);
  seconds(1);
  expect((await store.now()).halted).toBe(false);
});

test("a server that never read them does not guess: the halt of an operator may be among them", async () => {
  await database.pg.query("alter table money_settings rename to elsewhere");
  await expect(store.now()).rejects.toThrow("Failed query");
  await database.pg.query("alter table elsewhere rename to money_settings");
  expect(await store.now()).toEqual(DEFAULT_SETTINGS);
});
