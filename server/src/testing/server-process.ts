/** The production server as a process of its own on a test's database, to test its port and its end from outside. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import type { PoolConfig } from "pg";
import { modelsFolder } from "@starai/protocol/cache-folder";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

export interface ServerProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Everything it wrote: its log lines of this level and above. */
  readonly said: string;
  /** Its exit code; null while it lives. */
  readonly code: number | null;
  readonly ended: Promise<unknown>;
}

/** @param first  a module's text that runs in the process before the server does */
export async function startServerProcess(
  connection: PoolConfig,
  { first = "", logLevel = "warn" } = {},
): Promise<ServerProcess> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-server-"));
  const port = await freePort();
  const imports = ["tsx", ...(first ? [`data:text/javascript,${encodeURIComponent(first)}`] : [])];
  const child = spawn(process.execPath, [...imports.flatMap((one) => ["--import", one]), "server/src/main.ts"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: urlOf(connection),
      STARAI_HOME: home,
      STARAI_MODELS: modelsFolder(process.env, os.homedir()),
      STARAI_BOT_KEY: "0".repeat(32),
      STARAI_LOG_LEVEL: logLevel,
      STARAI_RATES: "sandbox",
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  const isUp = () =>
    fetch(`${url}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${said}`);
    await sleep(50);
  }
  return {
    url,
    port,
    pid: child.pid!,
    get said() {
      return said;
    },
    get code() {
      return child.exitCode;
    },
    ended,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** The host of a Unix socket is a folder, which only the query can carry. */
function urlOf({ host, user, password, database }: PoolConfig): string {
  return `postgres://${user}:${String(password)}@localhost/${database}?host=${encodeURIComponent(host ?? "")}`;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
