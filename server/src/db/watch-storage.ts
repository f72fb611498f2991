/**
 * Sees a full disk coming, and sees it end. Below a floor the disk counts as full although the last writes still fit:
 * what is left is for the runs that are under way and for PostgreSQL itself, which stops when it cannot write its log.
 */
import { statfs } from "node:fs/promises";
import type pg from "pg";
import type { Health } from "../health.ts";

/** Four segments of PostgreSQL's log of 16 MiB each. */
const ROOM_MIN_BYTES = 64 * 1024 * 1024;
/** One more, so that a single segment that comes and goes does not make the state flap. */
const ROOM_AGAIN_BYTES = 80 * 1024 * 1024;
const LOOK_MS = 1_000;
/** Enough to make a table grow; it is rolled back. */
const TRY_TO_WRITE = "create temp table room on commit drop as select repeat('x', 1000) from generate_series(1, 1000)";

interface Watched {
  readonly health: Health;
  readonly pg: pg.Pool;
  /** null where the disk is another machine's: then only failed and succeeding writes show its state. */
  readonly folder: string | null;
}

export function watchStorage(watched: Watched): { stop(): void } {
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look(watched)
      // Neither answer is known while the database is away or the folder cannot be read: the state stays as it was.
      .catch((error: unknown) => watched.health.noticed(error))
      .finally(() => (looking = false));
  }, LOOK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

async function look({ health, pg, folder }: Watched): Promise<void> {
  const floor = health.storage === "ok" ? ROOM_MIN_BYTES : ROOM_AGAIN_BYTES;
  if (folder !== null && (await roomBytes(folder)) < floor) return health.storageIs("full");
  if (health.storage === "full") {
    await tryToWrite(pg);
    health.storageIs("ok");
  }
}

async function roomBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function tryToWrite(pg: pg.Pool): Promise<void> {
  const client = await pg.connect();
  try {
    await client.query("begin");
    await client.query(TRY_TO_WRITE);
  } finally {
    const broken = await client.query("rollback").then(
      () => false,
      () => true,
    );
    client.release(broken);
  }
}
