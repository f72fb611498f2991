import { mkdtemp, rm, chmod } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { sql } from "drizzle-orm";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { lockDataFolder } from "./data-folder-lock.ts";
import { migrate } from "./migrate.ts";
import { openDatabase } from "./open-database.ts";
import { people } from "./schema.ts";
import { createTestDatabase } from "../testing/database.ts";

const log = pino({ level: "silent" });

async function temporaryHome(): Promise<string> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-home-"));
  await chmod(home, 0o755);
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

test("what was written is there after the database was stopped and started again", async () => {
  const home = await temporaryHome();
  const first = await openDatabase({ home, databaseUrl: null }, log);
  await migrate(first.pg);
  await first.db.insert(people).values({ telegramId: 7, name: "Ada" });
  await first.close();
  const second = await openDatabase({ home, databaseUrl: null }, log);
  expect(await second.db.select({ name: people.name }).from(people)).toEqual([{ name: "Ada" }]);
  await second.close();
});

test("Cyrillic is lower-cased on a machine that has no locales", async () => {
  await using database = await createTestDatabase();
  const result = await database.db.execute(sql`select lower('ПРИВЕТ') as word, 'Привет' ilike 'прив%' as matches`);
  expect(result.rows).toEqual([{ word: "привет", matches: true }]);
});

test("a database migrated by a newer version is refused", async () => {
  await using database = await createTestDatabase();
  await database.db.execute(
    sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 9999999999999)`,
  );
  await expect(migrate(database.pg)).rejects.toThrow(/newer version/);
});

test("a second process cannot take a locked data folder, and its error names the holder", async () => {
  const home = await temporaryHome();
  const lock = await lockDataFolder(home);
  await expect(lockDataFolder(home)).rejects.toThrow(new RegExp(`in use by process ${process.pid}`));
  await lock[Symbol.asyncDispose]();
  await using again = await lockDataFolder(home);
  expect(again).toBeDefined();
});
