/** A database of its own for one test: a copy of the migrated template (about 50 ms). */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import type { ClientConfig } from "pg";
import { pino } from "pino";
import { inject } from "vitest";
import { connect } from "../db/open-database.ts";
import type { OpenDatabase } from "../db/open-database.ts";
import { TEMPLATE_DATABASE } from "./cluster.ts";

export interface TestDatabase extends OpenDatabase, AsyncDisposable {
  /** As DATABASE_URL would name it. */
  readonly url: string;
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const cluster = inject("cluster");
  const name = `test_${randomBytes(6).toString("hex")}`;
  await asAdmin(cluster, `create database ${name} template ${TEMPLATE_DATABASE} strategy file_copy`);
  const opened = connect({ ...cluster, database: name }, pino({ level: "silent" }), () =>
    asAdmin(cluster, `drop database if exists ${name} with (force)`),
  );
  return { ...opened, url: urlOf(name), [Symbol.asyncDispose]: () => opened.close() };
}

export function urlOf(database: string): string {
  const { user, password, host } = inject("cluster");
  return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(host)}`;
}

export async function asAdmin(cluster: ClientConfig, statement: string): Promise<void> {
  const admin = new Client(cluster);
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
