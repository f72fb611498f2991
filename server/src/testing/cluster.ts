/** Vitest's global set-up: one real PostgreSQL for the whole test run, with a migrated template to copy from. */
import { mkdtemp, rm, chmod } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Client, Pool } from "pg";
import { pino } from "pino";
import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "../db/embedded-postgres.ts";
import { migrate } from "../db/migrate.ts";

export const TEMPLATE_DATABASE = "starai_template";

declare module "vitest" {
  interface ProvidedContext {
    cluster: { host: string; user: string; password: string; database: string };
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-test-"));
  await chmod(folder, 0o755);
  const binaries = path.join(os.tmpdir(), `starai-postgres-${os.userInfo().uid}`);
  const cluster = await startEmbeddedPostgres(folder, binaries, pino({ level: "silent" }));
  const admin = new Client(cluster.connection);
  await admin.connect();
  // What outlives a power cut is of no use here, and a database for each test is a thousand files to sync.
  for (const setting of ["fsync", "full_page_writes"]) await admin.query(`alter system set ${setting} = off`);
  await admin.query("select pg_reload_conf()");
  await admin.query(`create database ${TEMPLATE_DATABASE}`);
  await admin.end();
  const pool = new Pool({ ...cluster.connection, database: TEMPLATE_DATABASE });
  await migrate(pool);
  await pool.end();
  project.provide("cluster", cluster.connection);
  return async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
