/** For tests of `/join`: a checkout whose worker tells how it was started, a server that hands it out, and machines that join. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { pino } from "pino";
import { joinRoutes } from "../routes/join.ts";

/** Writes its words, its pool, how it is called there and its folder, as JSON. */
const TELLING = `process.stdout.write(JSON.stringify({ words: process.argv.slice(2), pool: process.env.STARAI_POOL_URL, command: process.env.STARAI_COMMAND, folder: process.cwd() }));\n`;
export const TRACKED = {
  LICENSE: "a licence\n",
  "package.json": "{}\n",
  "package-lock.json": "{}\n",
  "protocol/words.ts": "export {};\n",
  "protocol/locales/en.json": "{}\n",
  "scripts/run.mjs": TELLING,
  "worker/package.json": "{}\n",
  "worker/src/main.ts": "export {};\n",
} as const;
/** What lies about in a checkout that runs, tracked or not, and is nobody else's. */
export const OTHERS = {
  ".env": "BOT_TOKEN=secret\n",
  ".npmrc": "//registry.example/:_authToken=secret\n",
  "worker/.env": "STARAI_ENGINE_KEY=secret\n",
  "worker/src/.env.ts": "secret\n",
  "worker/src/main.test.ts": "a test\n",
  "worker/src/testing/pool.ts": "a test's\n",
  "worker/node_modules/ws/index.ts": "somebody else's\n",
  "home/data/server.key": "secret\n",
  "data/leaves.json": "secret\n",
  "server/src/main.ts": "export {};\n",
  "protocol/data/people.json": "secret\n",
} as const;

export async function makeCheckout({ isGit }: { isGit: boolean }): Promise<string> {
  const root = await mkdtemp(path.join(os.tmpdir(), "starai-checkout-"));
  for (const [file, text] of Object.entries({ ...TRACKED, ...OTHERS })) await write(root, file, text);
  if (!isGit) return root;
  const git = (...words: string[]) => execFileSync("git", ["-C", root, ...words], { stdio: "pipe" });
  git("init", "-q");
  git("add", "--force", ".");
  return root;
}

export async function write(root: string, file: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await writeFile(path.join(root, file), text);
}

/** @param spoil  what becomes of the archive on its way */
export async function serveCheckout(root: string, spoil: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes) {
  const asked: string[] = [];
  const config = { http: { publicOrigin: null } } as never;
  const app = new Hono()
    .use(async (c, next) => {
      asked.push(c.req.path);
      await next();
      if (!c.req.path.endsWith(".tar")) return;
      const bytes = spoil(new Uint8Array(await c.res.arrayBuffer()));
      // Not merged with the whole one's headers, its length among them.
      c.res = undefined;
      c.res = new Response(Buffer.from(bytes));
    })
    .route("/", joinRoutes({ config, log: pino({ level: "silent" }) }, root));
  const http = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }) as Server;
  await once(http, "listening");
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return {
    url,
    /** Paths, in their order. */
    asked,
    script: async () => await (await fetch(`${url}/join`)).text(),
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

export interface Joined {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A machine with an empty home and only these tools. */
export class Machine implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @param tools  their names; each is a link to the system's own, or a script with the given text */
  static async make(tools: readonly (string | { name: string; text: string })[]): Promise<Machine> {
    const machine = new Machine(await mkdtemp(path.join(os.tmpdir(), "starai-machine-")));
    for (const folder of ["home", "temp", "bin"]) await mkdir(path.join(machine.folder, folder));
    for (const tool of tools)
      if (typeof tool === "string") await symlink(where(tool), machine.#tool(tool));
      else await writeFile(machine.#tool(tool.name), tool.text, { mode: 0o755 });
    return machine;
  }

  /** Runs a script as a pipe into a shell does: `… | sh -s -- words`. */
  async pipe(script: string, words: readonly string[] = [], shell = "sh"): Promise<Joined> {
    const env = { PATH: path.join(this.folder, "bin"), HOME: this.#at("home"), TMPDIR: this.#at("temp") };
    // Without a terminal, as of a test.
    const child = spawn(where(shell), ["-s", "--", ...words], { env, detached: true, stdio: "pipe" });
    let [out, err] = ["", ""];
    child.stdout.on("data", (text: Buffer) => (out += text.toString()));
    child.stderr.on("data", (text: Buffer) => (err += text.toString()));
    // A shell that fails early leaves the rest of its script unread.
    child.stdin.on("error", () => {});
    child.stdin.end(script);
    const [code] = (await once(child, "close")) as [number | null];
    return { code, out, err };
  }

  /** Everything in its home and among its temporary files. */
  async left(): Promise<string[]> {
    const found = await Promise.all(["home", "temp"].map((one) => readdir(this.#at(one), { recursive: true })));
    return found.flat().sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #at(name: string): string {
    return path.join(this.folder, name);
  }

  #tool(name: string): string {
    return path.join(this.folder, "bin", name);
  }
}

function where(tool: string): string {
  if (tool === "node") return process.execPath;
  return execFileSync("sh", ["-c", 'command -v "$1"', "sh", tool], { encoding: "utf8" }).trim();
}
