/** For tests: a server's threads over a database of its own, with scripted runs. */
import { pino } from "pino";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { readConfig } from "../config.ts";
import type { AppContext } from "../context.ts";
import { createTestDatabase } from "../db/test-database.ts";
import { ScriptedRuns } from "./scripted-runs.ts";

export const BOT_KEY = "the-bot-key-of-a-test-0123456789abcdef";

export async function openTestThreads() {
  const database = await createTestDatabase();
  const config = readConfig({ STARAI_HOME: "/nowhere", STARAI_MODELS: "/nowhere", STARAI_BOT_KEY: BOT_KEY });
  const catalogue = loadCatalogue();
  const log = pino({ level: "silent" });
  const runs = new ScriptedRuns(database.db);
  const ctx = {
    config,
    log,
    catalogue,
    db: database.db,
    pg: database.pg,
    clock: Date.now,
    random: Math.random,
    runs,
  } as unknown as AppContext;
  return { ctx, runs, [Symbol.asyncDispose]: () => database.close() };
}
