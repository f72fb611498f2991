/**
 * PostgreSQL as a child of ours: real fsync, real concurrency, no port, 23 MB of memory.
 *
 * It listens on a Unix socket inside the data folder only. It is spawned detached, since Ctrl-C signals the whole
 * foreground group and the database must outlive the server's last flush. After a kill -9 of the server it lives
 * on; the next start finds it by `postmaster.pid` and goes on with it.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chown, mkdir, mkdtemp, open, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import os from "node:os";
import path from "node:path";
import { Client } from "pg";
import { preparePostgresBinaries } from "./postgres-binaries.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";

/** PostgreSQL refuses to run as root; there it gets the account `nobody`, which owns nothing else of ours. */
const UNPRIVILEGED = 65_534;
/** A Unix socket path holds 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`. */
const SOCKET_FOLDER_BYTES_MAX = 92;
/** Crash recovery after a kill -9 under load took up to 6 s; slow disks get ten times that. */
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 6_000;
const LOG_BYTES_MAX = 8 * 1024 * 1024;

export interface EmbeddedPostgres {
  readonly connection: { host: string; user: string; password: string; database: string };
  readonly adopted: boolean;
  stop(): Promise<void>;
}

/**
 * Starts (or finds again) the PostgreSQL of `folder`.
 * @param folder  holds `data/`, the socket, the log and the password file; created when missing
 * @param binariesFolder  where the program is copied to, shared between clusters
 * @throws when the platform has no binaries, the folder cannot be reached or the server does not come up;
 *   the message carries the end of PostgreSQL's own log.
 */
export async function startEmbeddedPostgres(folder: string, binariesFolder: string): Promise<EmbeddedPostgres> {
  if (process.platform === "win32")
    throw new Error("The embedded PostgreSQL needs Unix sockets: on Windows run under WSL, or set DATABASE_URL.");
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const binaries = await preparePostgresBinaries(binariesFolder);
  const password = await readPassword(folder);
  const data = path.join(folder, "data");
  if (!existsSync(path.join(data, "PG_VERSION"))) await initialise(binaries, folder, data, password);
  const running = findRunning(data);
  const socket = running?.socket ?? (await socketFolder(folder));
  const pid = running?.pid ?? (await launch(binaries, folder, data, socket));
  const connection = { host: socket, user: "starai", password, database: "postgres" };
  await untilReady(connection, pid, path.join(folder, "postgres.log"));
  return { connection, adopted: running !== null, stop: () => stop(pid) };
}

function account(): { uid: number; gid: number } | Record<string, never> {
  return process.getuid?.() === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {};
}

async function own(folder: string): Promise<void> {
  if (process.getuid?.() === 0) await chown(folder, UNPRIVILEGED, UNPRIVILEGED);
}

async function readPassword(folder: string): Promise<string> {
  const file = path.join(folder, "password");
  if (!existsSync(file)) await writeFile(file, randomBytes(24).toString("hex"), { mode: 0o600 });
  return readFile(file, "utf8");
}

/** Made beside the final place and moved there when whole, so that a kill in between leaves no half cluster. */
async function initialise(binaries: PostgresBinaries, folder: string, data: string, password: string): Promise<void> {
  const draft = path.join(folder, "data.new");
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  await own(draft);
  const passwordFile = path.join(folder, "password.initdb");
  await writeFile(passwordFile, password, { mode: 0o600 });
  await own(passwordFile);
  const child = spawn(
    binaries.initdb,
    [
      "-D",
      draft,
      "-U",
      "starai",
      "--encoding=UTF8",
      // Without the builtin locale, lower('ПРИВЕТ') and ILIKE do nothing in containers that have no locales.
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--auth-local=scram-sha-256",
      "--auth-host=reject",
      `--pwfile=${passwordFile}`,
    ],
    { ...account(), cwd: draft, env: binaries.env, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "exit")) as [number | null];
  await rm(passwordFile, { force: true });
  if (code !== 0)
    throw new Error(`PostgreSQL could not create its data folder ${draft}${reachAdvice()}\n${said.slice(-2_000)}`);
  await rename(draft, data);
}

function reachAdvice(): string {
  return process.getuid?.() === 0
    ? ` (as root it runs under uid ${UNPRIVILEGED}, which must be able to enter that path; STARAI_HOME moves it)`
    : "";
}

async function socketFolder(folder: string): Promise<string> {
  const inside = path.join(folder, "socket");
  if (Buffer.byteLength(inside) > SOCKET_FOLDER_BYTES_MAX) {
    const short = await mkdtemp(path.join(os.tmpdir(), "starai-pg-"));
    await own(short);
    return short;
  }
  await mkdir(inside, { recursive: true, mode: 0o700 });
  await own(inside);
  return inside;
}

/** The postmaster of this very data folder, if one is alive: its pid file names it, its command line proves it. */
function findRunning(data: string): { pid: number; socket: string } | null {
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

async function launch(binaries: PostgresBinaries, folder: string, data: string, socket: string): Promise<number> {
  const logFile = path.join(folder, "postgres.log");
  const size = await stat(logFile).then(
    (s) => s.size,
    () => 0,
  );
  if (size > LOG_BYTES_MAX) await truncate(logFile);
  const log = await open(logFile, "a");
  const child = spawn(
    binaries.postgres,
    ["-D", data, "-k", socket, "-c", "listen_addresses=", "-c", "max_connections=50", "-c", "log_checkpoints=off"],
    { ...account(), cwd: data, env: binaries.env, detached: true, stdio: ["ignore", log.fd, log.fd] },
  );
  await Promise.race([once(child, "spawn"), once(child, "error").then(([error]) => Promise.reject(error as Error))]);
  child.unref();
  await log.close();
  if (child.pid === undefined) throw new Error("PostgreSQL did not start and gave no reason.");
  return child.pid;
}

async function untilReady(connection: EmbeddedPostgres["connection"], pid: number, logFile: string): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new Client(connection);
    try {
      await client.connect();
      await client.query("select 1");
      return;
    } catch (cause) {
      if (isAlive(pid) && Date.now() < giveUpAt) {
        await sleep(25);
        continue;
      }
      const tail = await readFile(logFile, "utf8").then(
        (text) => text.slice(-2_000),
        () => "",
      );
      throw new Error(`PostgreSQL did not come up${reachAdvice()}. The end of ${logFile}:\n${tail}`, { cause });
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, everything committed is kept. */
async function stop(pid: number): Promise<void> {
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // A zombie answers signals but serves nobody.
  const status = `/proc/${pid}/stat`;
  return !existsSync(status) || !/^\d+ \(.*\) Z/.test(readFileSync(status, "utf8"));
}
