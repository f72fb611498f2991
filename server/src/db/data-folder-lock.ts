/** One process owns a data folder. A second one is refused with an error that names the holder. */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";

interface Holder {
  pid: number;
  /** The kernel's start time of that process: a pid alone may have been given to someone else since. */
  startTicks: string | null;
  since: string;
}

/**
 * Locks `home` until disposed. A lock left by a killed process is taken over.
 * @throws naming the process that holds it and what to do.
 */
export async function lockDataFolder(home: string): Promise<AsyncDisposable> {
  await mkdir(home, { recursive: true, mode: 0o755 });
  const file = path.join(home, "lock");
  const mine: Holder = { pid: process.pid, startTicks: startTicks(process.pid), since: new Date().toISOString() };
  for (let tries = 0; tries < 3; tries++) {
    if (await create(file, mine)) return { [Symbol.asyncDispose]: () => rm(file, { force: true }) };
    const holder = await readHolder(file);
    if (holder && isHolding(holder))
      throw new Error(
        `The data folder ${home} is in use by process ${holder.pid} since ${holder.since}. ` +
          `Stop that one first (kill ${holder.pid}), or give this one a folder of its own with STARAI_HOME.`,
      );
    // Of several starters that find a dead lock only one succeeds in moving it away.
    const grave = `${file}.${process.pid}`;
    await rename(file, grave).then(
      () => rm(grave, { force: true }),
      () => undefined,
    );
  }
  throw new Error(`The lock ${file} changes hands faster than it can be read; try again.`);
}

async function create(file: string, holder: Holder): Promise<boolean> {
  try {
    await using handle = await open(file, "wx", 0o644);
    await handle.writeFile(JSON.stringify(holder));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A lock that was created this instant may still be empty; that counts as unreadable, so the caller looks again. */
async function readHolder(file: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch {
    return null;
  }
}

function isHolding(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return holder.startTicks === startTicks(holder.pid);
}

function startTicks(pid: number): string | null {
  const file = `/proc/${pid}/stat`;
  if (!existsSync(file)) return null;
  const fields = readFileSync(file, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return fields[19] ?? null;
}
