/** The stored rates, on a real database, by a clock that the test sets. */
import { beforeEach, expect, test, afterEach } from "vitest";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import type { RateReading } from "../prices/rate.ts";
import { confirmRate } from "./confirm-rate.ts";
import { RateBook } from "./rate-book.ts";
import { latestRates } from "./rate-rows.ts";

const MINUTE_MS = 60_000;
const NOON = Date.parse("2026-12-01T12:00:00Z");

let database: TestDatabase;
let now: number;
let monotonic: number;
let book: RateBook;
beforeEach(async () => {
  database = await createTestDatabase();
  [now, monotonic] = [NOON, 0];
  book = open();
});
afterEach(() => database[Symbol.asyncDispose]());

function open(): RateBook {
  return new RateBook({ db: database.db, clock: () => now, monotonic: () => monotonic });
}

const readings = (...prices: bigint[]): RateReading[] =>
  prices.map((microUsdPerCoin, at) => ({ source: `source-${at}`, microUsdPerCoin, at: now }));
const store = (...prices: bigint[]) => book.store(readings(...prices), { guarded: true });
const confirm = (id: string) => database.db.transaction((tx) => confirmRate(tx, { id, now }));

test("a rate is stored with an id, and is the current one at once", async () => {
  expect(await book.current()).toMatchObject({ rate: null, usable: false, why: "missing" });
  expect(book.ageMs).toBeNull();
  const stored = await store(1_700_000n, 1_720_000n);
  expect(stored).toMatchObject({ id: "1", microUsdPerCoin: 1_710_000n, sources: ["source-0", "source-1"] });
  expect(await book.current()).toEqual({ rate: stored, ageMs: 0, isStale: false, usable: true, why: null });
  now += MINUTE_MS;
  expect(await book.current()).toMatchObject({ ageMs: MINUTE_MS });
  expect(book.ageMs).toBe(MINUTE_MS);
});

test("sources that do not agree make none, and the last one stays", async () => {
  await store(1_700_000n, 1_700_000n);
  expect(await store(1_700_000n, 1_800_000n)).toBeNull();
  expect(await store(1_700_000n)).toBeNull();
  expect(await book.current()).toMatchObject({ rate: { id: "1" }, usable: true });
});

test("what another process writes is seen within a second, and not asked for at every question", async () => {
  await store(1_700_000n, 1_700_000n);
  await book.current();
  await open().store(readings(1_710_000n, 1_710_000n), { guarded: true });
  expect(await book.current()).toMatchObject({ rate: { id: "1" } });
  monotonic += 1_000;
  expect(await book.current()).toMatchObject({ rate: { id: "2" } });
});

test("a question that was asked before a write keeps nobody from seeing the new rate after it", async () => {
  await store(1_700_000n, 1_700_000n);
  const [, stored] = await Promise.all([book.current(), store(1_710_000n, 1_710_000n)]);
  expect((await book.current()).rate).toEqual(stored);
});

test("a database that failed once is asked again at the next question", async () => {
  await store(1_700_000n, 1_700_000n);
  await database.pg.query("alter table rates rename to elsewhere");
  await expect(book.current()).rejects.toThrow("Failed query");
  await database.pg.query("alter table elsewhere rename to rates");
  expect(await book.current()).toMatchObject({ usable: true });
});

test("a jump stops every later rate until an operator confirms one", async () => {
  await store(1_700_000n, 1_700_000n);
  now += MINUTE_MS;
  expect(await store(2_500_000n, 2_500_000n)).toMatchObject({ id: "2", stopped: "jump" });
  now += 20 * MINUTE_MS;
  expect(await store(2_510_000n, 2_510_000n)).toMatchObject({ id: "3", stopped: "jump" });
  expect(await book.current()).toMatchObject({ usable: false, why: "jump" });

  // The operator looked at 2; 3, which came meanwhile, is about the same.
  expect(await confirm("2")).toMatchObject({ kind: "confirmed", rate: { id: "3", stopped: null, confirmedAt: now } });
  monotonic += 1_000;
  expect(await book.current()).toMatchObject({ usable: true, rate: { id: "3" } });
  now += MINUTE_MS;
  expect(await store(2_520_000n, 2_520_000n)).toMatchObject({ stopped: null });
});

test("a rate that moved on since an operator looked cannot be confirmed by the old one's number", async () => {
  await store(1_700_000n, 1_700_000n);
  now += MINUTE_MS;
  await store(2_500_000n, 2_500_000n);
  now += MINUTE_MS;
  await store(4_000_000n, 4_000_000n);
  expect(await confirm("2")).toMatchObject({ kind: "moved", rate: { id: "3" } });
  expect(await confirm("1")).toMatchObject({ kind: "moved" });
  expect(await confirm("99")).toEqual({ kind: "unknown" });
  expect(await confirm("3")).toMatchObject({ kind: "confirmed" });
  expect(await confirm("3")).toMatchObject({ kind: "usable" });
});

test("a rate and its confirmation at once: the next rate never overlooks the confirmed one", async () => {
  for (let round = 0; round < 8; round++) {
    await database.pg.query("delete from rates");
    await store(1_700_000n, 1_700_000n);
    now += MINUTE_MS;
    const jumped = await store(2_500_000n, 2_500_000n);
    await Promise.all([confirm(jumped!.id), open().store(readings(2_500_000n, 2_500_000n), { guarded: true })]);
    monotonic += 1_000;
    expect(await book.current()).toMatchObject({ usable: true });
  }
});

test("after a long silence the first rate waits for an operator, unless the feed is not guarded", async () => {
  await store(1_700_000n, 1_700_000n);
  now += 400 * MINUTE_MS;
  expect(await book.current()).toMatchObject({ usable: false, why: "too_old" });
  expect(await store(1_700_000n, 1_700_000n)).toMatchObject({ stopped: "gap" });
  expect(await book.store(readings(3_700_000n, 3_700_000n), { guarded: false })).toMatchObject({ stopped: null });
});

test("rates of the last ten minutes are looked at, whatever their number", async () => {
  await store(1_700_000n, 1_700_000n);
  for (let minute = 1; minute <= 9; minute++) {
    now += MINUTE_MS;
    await store(1_700_000n + BigInt(minute) * 37_000n, 1_700_000n + BigInt(minute) * 37_000n);
  }
  now += MINUTE_MS;
  // A fifth more than ten minutes ago, in steps of two percent.
  expect(await store(2_041_000n, 2_041_000n)).toMatchObject({ stopped: "jump" });
  expect(await latestRates(database.db, 3)).toHaveLength(3);
});
