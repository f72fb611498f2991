/**
 * How the commands `pair` and `unpair` reach the worker that runs: a second one with its key would push it out of the pool. A
 * socket in the worker's home, or a pipe on Windows, that only this user can open. Lines of JSON both ways.
 */
import { createHash } from "node:crypto";
import { chmod, mkdir, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { guarded } from "@starai/protocol/guarded";
import { WorkerStanding } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import { z } from "zod";
import type { EarningEvent, Earnings } from "./earnings/earnings.ts";
import { holdLock } from "./models/lock-file.ts";
import { NOT_CONNECTED } from "./pool-connection.ts";

/** Workers of one user on one machine that `unusedHome` looks for. */
const HOMES_MAX = 16;
/** A path of a socket has room for 107 bytes, on macOS for 103. */
const PATH_BYTES_MAX = 100;
const CLIENTS_MAX = 8;
/** A request is one short word. */
const REQUEST_BYTES_MAX = 256;

const Request = z.strictObject({ ask: z.enum(["pair", "unpair"]) });
export type OwnerAsk = z.infer<typeof Request>["ask"];

const Reply = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("standing"), standing: WorkerStanding }),
  z.object({
    kind: z.literal("pairing"),
    pairing: z.object({ code: z.string(), link: z.string().nullable(), expiresAt: z.iso.datetime() }),
  }),
  /** It cannot be done, and why. */
  z.object({ kind: z.literal("fault"), text: z.string() }),
  /** The worker that runs is not in the pool now. */
  z.object({ kind: z.literal("away") }),
]);
export type OwnerReply = z.infer<typeof Reply>;

/** Answers the commands until it is closed. */
export async function serveOwner(home: string, earnings: Earnings, log: Logger): Promise<{ close(): Promise<void> }> {
  const path = controlPath(home);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    answer(socket, earnings, log);
  });
  server.maxConnections = CLIENTS_MAX;
  // One that nobody answers at was left by a process that was killed.
  if (process.platform !== "win32" && !(await isAnswered(path))) await rm(path, { force: true });
  await listening(server, path);
  if (process.platform !== "win32") await chmod(path, 0o600);
  server.on("error", (error) => log.warn({ err: error }, "the commands of the owner cannot be answered"));
  server.unref();
  return {
    close: () => {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

function answer(socket: Socket, earnings: Earnings, log: Logger): void {
  const reply = (one: OwnerReply) => socket.writable && socket.write(`${JSON.stringify(one)}\n`);
  let stop: (() => void) | null = null;
  let asked = "";
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("close", () => stop?.());
  const onData = (text: string) => {
    if (stop || (asked += text).length > REQUEST_BYTES_MAX) return void socket.destroy();
    if (!asked.includes("\n")) return;
    const { ask } = Request.parse(JSON.parse(asked));
    stop = earnings.listen((event) => tellReply(event, reply));
    const fault =
      stop === null ? "too many commands wait already" : ask === "pair" ? earnings.pair() : earnings.unpair();
    if (fault !== null) reply(fault === NOT_CONNECTED ? { kind: "away" } : { kind: "fault", text: fault });
  };
  socket.on(
    "data",
    guarded(log, "a command of the owner", onData, () => socket.destroy()),
  );
}

function tellReply(event: EarningEvent, reply: (one: OwnerReply) => void): void {
  if (event.kind === "standing") reply({ kind: "standing", standing: event.standing });
  if (event.kind === "pairing") reply({ kind: "pairing", pairing: event.pairing });
  if (event.kind === "refused") reply({ kind: "fault", text: event.text });
}

/** Asks the worker that runs from this home; null: none does. */
export async function askRunningWorker(home: string, ask: OwnerAsk): Promise<AsyncIterable<OwnerReply> | null> {
  const socket = await dial(controlPath(home));
  if (socket === null) return null;
  socket.write(`${JSON.stringify({ ask })}\n`);
  return repliesOf(socket);
}

/**
 * The first folder beside `home` that no running worker uses: `<home>-2`, `<home>-3` … It is this process's own until it
 * ends, also when several are started in the same moment.
 * @throws Error where all are used
 */
export async function unusedHome(home: string): Promise<string> {
  for (let number = 2; number <= HOMES_MAX; number++) {
    const another = `${home}-${number}`;
    await mkdir(another, { recursive: true, mode: 0o700 });
    if ((await holdLock(join(another, "in-use.lock"))) && !(await isAnswered(controlPath(another)))) return another;
  }
  throw new Error(`${HOMES_MAX} workers run on this machine already: stop one, or name another folder with --home`);
}

async function* repliesOf(socket: Socket): AsyncGenerator<OwnerReply> {
  try {
    for await (const line of createInterface({ input: socket })) yield Reply.parse(JSON.parse(line));
  } finally {
    socket.destroy();
  }
}

function dial(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket));
    socket.once("error", () => resolve(null));
  });
}

async function isAnswered(path: string): Promise<boolean> {
  const socket = await dial(path);
  socket?.destroy();
  return socket !== null;
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function controlPath(home: string): string {
  const short = createHash("sha256").update(home).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\starai-worker-${short}`;
  const path = join(home, "worker.sock");
  return Buffer.byteLength(path) <= PATH_BYTES_MAX ? path : join(tmpdir(), `starai-worker-${short}.sock`);
}
