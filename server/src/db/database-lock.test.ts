/** One server works on a database; the next one waits, and a server that lost the lock is notified. */
import { Client } from "pg";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { Events } from "../events/events.ts";
import { Health } from "../health.ts";
import { DatabaseLock } from "./database-lock.ts";
import { createTestDatabase } from "../testing/database.ts";

const silent = pino({ level: "silent" });

async function testDatabase() {
  const database = await createTestDatabase();
  onTestFinished(() => database.close());
  return database;
}

type TestDatabase = Awaited<ReturnType<typeof testDatabase>>;

function take({ connection }: TestDatabase, waitMs: number): Promise<DatabaseLock> {
  return DatabaseLock.take({ connection, waitMs, log: silent });
}

/** Keeps a lock and records what happens to it. */
function keep(lock: DatabaseLock) {
  const said: string[] = [];
  const write = (line: string) => void said.push((JSON.parse(line) as { msg: string }).msg);
  const health = new Health(new Events(pino({ level: "info" }, { write })));
  const lost: string[] = [];
  lock.keep(health, (why) => void lost.push(why.message));
  return { said, health, lost };
}

const breakConnections = ({ pg }: TestDatabase) =>
  pg.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'starai %'");

test("a second server waits, and has the database as soon as the first releases it", async () => {
  const database = await testDatabase();
  const first = await take(database, 0);
  let second: DatabaseLock | null = null;
  const waiting = take(database, 30_000).then((lock) => (second = lock));
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(second).toBeNull();
  await first[Symbol.asyncDispose]();
  await using taken = await waiting;
  expect(taken).toBe(second);
});

test("a second server that waited in vain gets an error that names the holder and what to do", async () => {
  const database = await testDatabase();
  await using first = await take(database, 0);
  expect(first).toBeDefined();
  await expect(take(database, 300)).rejects.toThrow(
    new RegExp(`starai .*:${process.pid} .*did not stop within 0.3 s\\. Stop that one first.*STARAI_HANDOVER_WAIT_S`),
  );
});

test("a broken connection is opened again with the lock, and its outage is logged once", async () => {
  const database = await testDatabase();
  await using lock = await take(database, 0);
  const { said, health, lost } = keep(lock);
  await breakConnections(database);
  await expect
    .poll(() => said)
    .toEqual(["the database is away; asking for it until it is back", "the database is back"]);
  expect([health.database, lost]).toEqual(["ok", []]);
  await expect(take(database, 0)).rejects.toThrow("works on this database");
});

test("a server is notified when another one acquired its lock meanwhile, and only then", async () => {
  const database = await testDatabase();
  await using lock = await take(database, 0);
  const { health, lost } = keep(lock);
  const other = new Client({ ...database.connection, application_name: "the other" });
  await other.connect();
  onTestFinished(() => other.end());
  // It queues for the lock inside the database, so it has it before the first one is back.
  const got = other.query("select pg_advisory_lock(7243001)");
  await expect.poll(() => database.pg.query("select from pg_locks where not granted").then((r) => r.rowCount)).toBe(1);
  expect(lost).toEqual([]);
  await breakConnections(database);
  await got;
  await expect.poll(() => lost).toEqual([expect.stringMatching(/another server \(the other, .*took over/)]);
  expect(health.database).toBe("away");
});
