/**
 * llama.cpp's layer server for one lease of one head. Its protocol is unsafe by its authors' own words: whoever speaks
 * it must be taken for the owner of the process. So it listens on 127.0.0.1 only, where nothing but the exits of the
 * group's tunnels speaks to it, knows nothing of this worker's settings, writes no file, takes no more memory than was
 * lent, is nobody's process where the worker is root's, and ends with the group.
 */
import { access, chmod, constants, copyFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Logger } from "pino";
import { GuardedProcess } from "../engines/llama-server/guarded-process.ts";
import { answers, freePort } from "./local-port.ts";

const PROGRAM = "ggml-rpc-server";
/** Its own code and buffers beside the layers: a tensor is received whole before it is stored. */
const OWN_BYTES = 256 * 1024 ** 2;
/** It listens within a second; a graphics card takes some. */
const START_MAX_MS = 20_000;
const LOOK_EVERY_MS = 50;
/** Another program may take the port that was free a moment ago. */
const TRIES_MAX = 3;
/** `nobody` on every Linux. */
const NOBODY = { uid: 65_534, gid: 65_534 };
/** Connections are 21, libraries a dozen. */
const FILES_MAX = 256;

export interface RpcServerOptions {
  /** A verified build. */
  folder: string;
  threads: number;
  /** What its layers may take. */
  memoryBytes: number;
  /** As llama.cpp names it: "CPU", "Vulkan0". */
  device: string;
  log: Pick<Logger, "info">;
}

export interface RpcServer {
  port: number;
  pid: number | undefined;
  /** Why it ended, with its last words. */
  ended: Promise<string>;
  end(): Promise<void>;
}

/** @throws Error that says why this machine cannot hold layers */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const isRoot = process.platform === "linux" && process.getuid?.() === 0;
  const build = isRoot ? await readableBuild(options.folder) : { folder: options.folder, remove: async () => {} };
  try {
    for (let tries = 1; ; tries++) {
      const port = await freePort();
      const server = startAt(port, { ...options, folder: build.folder, isRoot });
      if (await isListening(server, port)) {
        options.log.info({ port, pid: server.pid, user: isRoot ? "nobody" : "the worker's" }, "a layer server listens");
        return { port, pid: server.pid, ended: server.ended, end: () => server.end() };
      }
      const why = server.hasEnded ? await server.ended : "it does not listen";
      await server.end();
      if (tries >= TRIES_MAX || !/bind|in use/i.test(why)) throw new Error(`the layer server did not start: ${why}`);
    }
  } finally {
    // What runs has its files open.
    await build.remove();
  }
}

function startAt(port: number, options: RpcServerOptions & { isRoot: boolean }): GuardedProcess {
  const { folder, threads, device, isRoot } = options;
  return new GuardedProcess({
    folder,
    program: PROGRAM,
    args: ["--host", "127.0.0.1", "--port", String(port), "--device", device, "--threads", String(threads)],
    limits: limitsOf(options),
    ...(isRoot ? { user: NOBODY } : {}),
  });
}

/** A limit that the system refuses leaves the others as they are. */
function limitsOf({ device, memoryBytes }: RpcServerOptions): string {
  // A card's driver maps the card's memory and writes caches: there the same limits would end it.
  const ofProcessor = [`ulimit -d ${Math.ceil((memoryBytes + OWN_BYTES) / 1024)}`, "ulimit -f 0"];
  const all = ["cd /", "ulimit -c 0", `ulimit -n ${FILES_MAX}`, ...(device === "CPU" ? ofProcessor : [])];
  return all.map((one) => `${one} 2>/dev/null`).join("\n");
}

async function isListening(server: GuardedProcess, port: number): Promise<boolean> {
  const until = performance.now() + START_MAX_MS;
  while (!server.hasEnded && performance.now() < until) {
    // Only one program can listen there: if this one is alive and had not been able to, it would have ended.
    if (await answers(port)) return !server.hasEnded;
    await wait(LOOK_EVERY_MS);
  }
  return false;
}

/** The build where any user can read it: as it is, or copied for a moment. */
async function readableBuild(folder: string): Promise<{ folder: string; remove: () => Promise<void> }> {
  if (await isForAll(folder)) return { folder, remove: async () => {} };
  const copy = await mkdtemp(join(tmpdir(), "starai-layers-"));
  await chmod(copy, 0o755);
  for (const name of await readdir(folder)) {
    if (!/^(lib|ggml-rpc-server)/.test(name)) continue;
    await copyFile(join(folder, name), join(copy, name), constants.COPYFILE_FICLONE);
    await chmod(join(copy, name), 0o755);
  }
  return { folder: copy, remove: async () => await rm(copy, { recursive: true, force: true }) };
}

async function isForAll(folder: string): Promise<boolean> {
  await access(join(folder, PROGRAM));
  const paths = [join(folder, PROGRAM)];
  for (let path = folder; path !== dirname(path); path = dirname(path)) paths.push(path);
  const modes = await Promise.all(paths.map(async (path) => (await stat(path)).mode));
  return modes.every((mode) => (mode & 0o001) !== 0);
}
