/** The server process of one embedded cluster: how it is found, launched, waited for and stopped. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { open, readFile, stat, truncate } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { account, unreachable } from "./unprivileged.ts";

/** Crash recovery after a kill -9 under load took up to 6 s; slow disks get ten times that. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 6_000;
const LOG_BYTES_MAX = 8 * 1024 * 1024;

export interface Cluster {
  readonly binaries: PostgresBinaries;
  /** Folder of the cluster's files. */
  readonly data: string;
  readonly logFile: string;
  /** `host` is the folder of its socket. */
  readonly connection: { host: string; user: string; password: string; database: string };
}

/** The postmaster of this very data folder, if one is alive: its pid file names it, its command line proves it. */
export function findPostmaster(data: string): { pid: number; socket: string } | null {
  const file = path.join(data, "postmaster.pid");
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, "utf8").split("\n");
  const pid = Number(lines[0]);
  const socket = lines[4]?.trim();
  if (!Number.isInteger(pid) || pid < 2 || !socket || !isAlive(pid)) return null;
  const proof = `/proc/${pid}/cmdline`;
  if (existsSync(proof) && !readFileSync(proof, "utf8").includes(data)) return null;
  return { pid, socket };
}

export async function launchPostmaster({ binaries, data, logFile, connection }: Cluster): Promise<number> {
  const size = await stat(logFile).then(
    (s) => s.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await truncate(logFile);
  await using log = await open(logFile, "a");
  const settings = ["listen_addresses=", "max_connections=50", "log_checkpoints=off"].flatMap((one) => ["-c", one]);
  const child = spawn(binaries.postgres, ["-D", data, "-k", connection.host, ...settings], {
    ...account(),
    cwd: data,
    env: binaries.env,
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  await once(child, "spawn").catch(async (error: unknown) => {
    throw (await unreachable(data, error)) ?? error;
  });
  child.unref();
  if (child.pid === undefined) throw new Error("PostgreSQL did not start and gave no reason.");
  return child.pid;
}

/** @throws when it ends, or does not answer in time; the message carries the end of PostgreSQL's own log */
export async function untilReady({ connection, data, logFile }: Cluster, pid: number): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new Client(connection);
    // It may end between two statements; without a listener that would end this process.
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select 1");
      return;
    } catch (error) {
      if (isAlive(pid) && performance.now() < giveUpAt) {
        await sleep(25);
        continue;
      }
      const tail = await readFile(logFile, "utf8").then(
        (text) => text.slice(-2_000),
        () => "",
      );
      const fault = new Error(`PostgreSQL did not come up. The end of ${logFile}:\n${tail}`, { cause: error });
      throw (await unreachable(data, error)) ?? fault;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, everything committed is kept. */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    for (let waited = 0; waited < STOP_TIMEOUT_MS; waited += 20) {
      if (!isAlive(pid)) return;
      await sleep(20);
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // A zombie answers signals but serves nobody.
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/^\d+ \(.*\) Z/.test(readFileSync(status, "utf8"));
}
