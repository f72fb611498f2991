/** For tests: a PostgreSQL of their own, to be killed. It comes up again by itself, as a server's does. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { startEmbeddedPostgres } from "../db/embedded-postgres.ts";
import type { EmbeddedPostgres } from "../db/embedded-postgres.ts";
import { findPostmaster } from "../db/postmaster.ts";

export interface OwnPostgres extends AsyncDisposable {
  readonly connection: EmbeddedPostgres["connection"];
  /** With SIGKILL; resolves while it is still down. */
  kill(): Promise<void>;
}

export async function openOwnPostgres(): Promise<OwnPostgres> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-crash-"));
  await chmod(folder, 0o755);
  const binaries = path.join(os.tmpdir(), `starai-postgres-${os.userInfo().uid}`);
  const postgres = await startEmbeddedPostgres(folder, binaries, pino({ level: "silent" }));
  return {
    connection: postgres.connection,
    kill: () => {
      const postmaster = findPostmaster(path.join(folder, "data"));
      if (postmaster === null) throw new Error("PostgreSQL does not run");
      process.kill(postmaster.pid, "SIGKILL");
      return sleep(200);
    },
    [Symbol.asyncDispose]: async () => {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
