/** A short visit to a server's database by a program beside it: nothing is migrated, nothing is taken over. */
import { existsSync } from "node:fs";
import path from "node:path";
import { pino } from "pino";
import type { Config } from "../config.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { findEmbeddedPostgres } from "./embedded-postgres.ts";
import { connect, databaseFolder, openDatabase } from "./open-database.ts";
import type { OpenDatabase } from "./open-database.ts";

const NOT_YET =
  "There are no tables of StarAI in this database yet: start the server once (`npm run server`), then try again.";

/**
 * Calls `visit` with the database that DATABASE_URL or the data folder names. The embedded one is used as it runs; when
 * it does not, it is started for the visit, and no server can take the data folder meanwhile.
 * @throws a sentence where there is no such database yet, or it cannot be reached
 */
export async function visitDatabase(
  where: Pick<Config, "databaseUrl" | "home">,
  visit: (opened: OpenDatabase) => Promise<void>,
): Promise<void> {
  const log = pino({ level: "silent" });
  if (where.databaseUrl !== null) return visitOpened(await openDatabase(where, log), visit);
  const folder = databaseFolder(where.home);
  if (!existsSync(path.join(folder, "data", "PG_VERSION"))) throw new Error(noDatabaseIn(where.home));
  const running = await findEmbeddedPostgres(folder);
  if (running !== null)
    return visitOpened(
      connect(running, log, async () => undefined),
      visit,
    );
  await using _ = await lockDataFolder(where.home);
  await visitOpened(await openDatabase(where, log), visit);
}

async function visitOpened(opened: OpenDatabase, visit: (opened: OpenDatabase) => Promise<void>): Promise<void> {
  try {
    const { rows } = await opened.pg.query<{ name: string | null }>("select to_regclass('api_keys') as name");
    if (rows[0]?.name == null) throw new Error(NOT_YET);
    await visit(opened);
  } finally {
    await opened.close();
  }
}

function noDatabaseIn(home: string): string {
  return `There is no database in ${home} yet: start the server once with this STARAI_HOME, or set the right one.`;
}
