/**
 * One process at a time downloads a file, or changes one. The lock is a file that its owner touches while it works; a lock
 * that has not been touched for a while is stale: its owner is gone.
 */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

const TOUCH_MS = 2_000;
/** Age of a stale lock: five missed touches, since a busy machine may be late once or twice. */
const STALE_MS = 10_000;
const POLL_MS = 300;

export interface LockOptions {
  signal?: AbortSignal | undefined;
  /** Called at each check while another process holds the lock. */
  onWait?: (() => void | Promise<void>) | undefined;
}

/** Runs `work` while this process holds the lock at `path`, waiting for as long as another one holds it. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const owner = `${process.pid} ${randomUUID()}\n`;
  while (!(await take(path, owner))) {
    await options.onWait?.();
    await wait(POLL_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
  const touching = setInterval(() => void touch(path), TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    if ((await read(path)) === owner) await rm(path, { force: true });
  }
}

/** Takes the lock for as long as this process runs; false: another holds it. */
export async function holdLock(path: string): Promise<boolean> {
  const owner = `${process.pid} ${randomUUID()}\n`;
  // The first try may only have removed a lock that was left behind.
  if (!(await take(path, owner)) && !(await take(path, owner))) return false;
  setInterval(() => void touch(path), TOUCH_MS).unref();
  return true;
}

async function take(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  await removeStale(path);
  return false;
}

async function removeStale(path: string): Promise<void> {
  const [seen, file] = await Promise.all([read(path), stat(path).catch(() => null)]);
  if (seen === null || !file) return;
  // An owner that has just made it has not written its name yet.
  const alive = Date.now() - file.mtimeMs < STALE_MS && (seen === "" || ownerLives(seen));
  if (alive) return;
  // Only one contender can rename the stale lock; a lock taken from a new owner by mistake is put back.
  const taken = `${path}.${randomUUID()}`;
  await rename(path, taken).catch(() => {});
  const got = await read(taken);
  if (got !== null && got !== seen) await writeFile(path, got, { flag: "wx" }).catch(() => {});
  await rm(taken, { force: true });
}

/** Whether the process that wrote the lock seems to run: process ids in another container cannot be checked. */
function ownerLives(owner: string): boolean {
  const pid = Number.parseInt(owner, 10);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const read = (path: string) => readFile(path, "utf8").catch(() => null);

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => {});
}
