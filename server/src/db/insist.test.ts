import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pino } from "pino";
import { sql } from "drizzle-orm";
import { Events } from "../events/events.ts";
import { Health } from "../health.ts";
import { insist, mayHeal } from "./insist.ts";
import { createTestDatabase } from "../testing/database.ts";
import { cutOff } from "../testing/outage.ts";

const log = pino({ level: "silent" });
const insistence = { ctx: { log, health: new Health(new Events(log)) }, what: "a test's row" };
const never = new AbortController().signal;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const raise = (state: string) =>
  database.pg.query(`do $$ begin raise exception 'a test' using errcode = '${state}'; end $$`);
const faultOf = (work: () => Promise<unknown>) =>
  work()
    .then(() => null)
    .catch((error: unknown) => error);

describe("a write that must happen", () => {
  test("goes through once the database is back", async () => {
    const outage = await cutOff(database.pg);
    let tries = 0;
    const written = insist(
      () => {
        tries++;
        return database.db.execute(sql`select 7 as it`);
      },
      { ...insistence, signal: never },
    );
    await expect.poll(() => tries).toBeGreaterThan(1);
    await outage.back();
    expect((await written).rows).toEqual([{ it: 7 }]);
  });

  test("goes through once there is room on the disk again", async () => {
    let full = true;
    const write = () => (full ? raise("53100").finally(() => (full = false)) : database.pg.query("select 7 as it"));
    expect((await insist(write, { ...insistence, signal: never })).rows).toEqual([{ it: 7 }]);
  });

  test("cannot be tried again when it is the write that is wrong", async () => {
    let tries = 0;
    const write = () => {
      tries++;
      return database.db.execute(sql`insert into api_keys (hash, name) values (null, 'x')`);
    };
    await expect(insist(write, { ...insistence, signal: never })).rejects.toThrow(/insert into api_keys/u);
    expect(tries).toBe(1);
  });

  test("is tried a last time when the server stops, and then given up", async () => {
    const stopping = new AbortController();
    let tries = 0;
    const write = () => {
      tries++;
      return raise("53100").finally(() => setImmediate(() => stopping.abort()));
    };
    await expect(insist(write, { ...insistence, signal: stopping.signal })).rejects.toMatchObject({ code: "53100" });
    expect(tries).toBe(2);
  });
});

test("a fault may heal when it is the database's own, and never when it is the statement's", async () => {
  for (const state of ["53100", "53300", "57P01", "57P03", "40001", "40P01", "08006", "58030"])
    expect([state, mayHeal(await faultOf(() => raise(state)))]).toEqual([state, true]);
  for (const state of ["22P05", "22021", "23505", "42601", "54000"])
    expect([state, mayHeal(await faultOf(() => raise(state)))]).toEqual([state, false]);
  expect(mayHeal(await faultOf(() => database.db.execute(sql`select ${"a\0b"}::text`)))).toBe(false);
  for (const fault of [new TypeError("x is not a function"), new RangeError("too deep"), "text", null])
    expect(mayHeal(fault)).toBe(false);
});
