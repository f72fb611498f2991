/**
 * PostgreSQL as a child of ours: real fsync, real concurrency, no port, 23 MB of memory.
 *
 * It listens on a Unix socket inside the data folder only. It is spawned detached, since Ctrl-C signals the whole
 * foreground group and the database must outlive the server's last flush. After a kill -9 of the server it lives
 * on; the next start finds it by `postmaster.pid` and goes on with it.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type { Logger } from "pino";
import { KeptPostmaster } from "./keep-postmaster.ts";
import { preparePostgresBinaries } from "./postgres-binaries.ts";
import type { PostgresBinaries } from "./postgres-binaries.ts";
import { findPostmaster, launchPostmaster, untilReady } from "./postmaster.ts";
import type { Cluster } from "./postmaster.ts";
import { account, own, unreachable } from "./unprivileged.ts";

/** A Unix socket path holds 107 bytes; PostgreSQL adds `/.s.PGSQL.5432`. */
const SOCKET_FOLDER_BYTES_MAX = 92;

export interface EmbeddedPostgres {
  readonly connection: Cluster["connection"];
  readonly adopted: boolean;
  stop(): Promise<void>;
}

/**
 * Starts (or finds again) the PostgreSQL of `folder`, and again whenever it ends by itself until it is stopped.
 * @param folder  holds `data/`, the socket, the log and the password file; created when missing
 * @param binariesFolder  where the program is copied to, shared between clusters
 * @throws when the platform has no binaries, the folder cannot be reached or the server does not come up;
 *   the message carries the end of PostgreSQL's own log.
 */
export async function startEmbeddedPostgres(
  folder: string,
  binariesFolder: string,
  log: Logger,
): Promise<EmbeddedPostgres> {
  if (process.platform === "win32")
    throw new Error("The embedded PostgreSQL needs Unix sockets: on Windows run under WSL, or set DATABASE_URL.");
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const binaries = await preparePostgresBinaries(binariesFolder);
  const password = await readPassword(folder);
  const data = path.join(folder, "data");
  if (!existsSync(path.join(data, "PG_VERSION"))) await initialise(binaries, folder, data, password);
  const running = findPostmaster(data);
  const host = running?.socket ?? (await socketFolder(folder));
  const connection = { host, user: "starai", password, database: "postgres" };
  const cluster: Cluster = { binaries, data, connection, logFile: path.join(folder, "postgres.log") };
  const pid = running?.pid ?? (await launchPostmaster(cluster));
  await untilReady(cluster, pid);
  const kept = new KeptPostmaster(cluster, pid, log);
  return { connection, adopted: running !== null, stop: () => kept.stop() };
}

/** The running PostgreSQL of `folder`, which another process keeps; null when none runs there. */
export async function findEmbeddedPostgres(folder: string): Promise<Cluster["connection"] | null> {
  const running = findPostmaster(path.join(folder, "data"));
  if (running === null) return null;
  const password = await readFile(path.join(folder, "password"), "utf8");
  return { host: running.socket, user: "starai", password, database: "postgres" };
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
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const fault = await once(child, "exit").then(
    ([code]) =>
      code === 0 ? null : new Error(`PostgreSQL could not create its data folder ${draft}\n${output.slice(-2_000)}`),
    (error: unknown) => error,
  );
  await rm(passwordFile, { force: true });
  if (fault !== null) throw (await unreachable(draft, fault)) ?? fault;
  await rename(draft, data);
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
