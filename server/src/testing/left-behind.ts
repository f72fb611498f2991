/** For tests: databases as older versions left them in the middle of their work. */
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Pool } from "pg";
import { inject } from "vitest";
import { MIGRATIONS_FOLDER, migrate } from "../db/migrate.ts";
import { asAdmin, urlOf } from "./database.ts";

/** One file for each issue that changed the schema, named after its last migration. */
const LEFT_BEHIND = fileURLToPath(new URL("../db/left-behind", import.meta.url));

/** The versions of these files had a queue of a library for their one daily chore; nothing reads it any more. */
const QUEUE_OF_CHORES = `
  create schema pgboss;
  create table pgboss.queue (name text primary key);
  insert into pgboss.queue (name) values ('nightly-retention')`;

export async function leftBehind(): Promise<string[]> {
  return (await readdir(LEFT_BEHIND)).map((file) => path.basename(file, ".sql"));
}

/** A database as the version of this migration left it. */
export async function openLeftBehind(tag: string): Promise<{ url: string } & AsyncDisposable> {
  const cluster = inject("cluster");
  const database = `left_${randomBytes(6).toString("hex")}`;
  await asAdmin(cluster, `create database ${database}`);
  const pool = new Pool({ ...cluster, database });
  await migrateUntil(tag, pool);
  await pool.query(await readFile(path.join(LEFT_BEHIND, `${tag}.sql`), "utf8"));
  await pool.query(QUEUE_OF_CHORES);
  await pool.end();
  return {
    url: urlOf(database),
    [Symbol.asyncDispose]: () => asAdmin(cluster, `drop database ${database} with (force)`),
  };
}

interface Journal {
  entries: { tag: string }[];
}

/** Applies the migrations up to and with this one, as that version carried them. */
async function migrateUntil(tag: string, pool: Pool): Promise<void> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-migrations-"));
  try {
    await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
    const file = path.join(folder, "meta/_journal.json");
    const journal = JSON.parse(await readFile(file, "utf8")) as Journal;
    const last = journal.entries.findIndex((entry) => entry.tag === tag);
    if (last < 0) throw new Error(`there is no migration ${tag}`);
    await writeFile(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, last + 1) }));
    await migrate(pool, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
