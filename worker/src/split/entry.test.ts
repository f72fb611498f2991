/** The way from the engine's connection through a tunnel to the layer server, which is played by a server that echoes. */
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import { serveExit } from "./exit.ts";

let folder: string;
let file: string;
let engine: Server;
let lines: Server;
/** At the node's side: why each tunnel ended. */
let ends: (Error | null)[];
let entries: Entry[];
let rpcPort: number;

const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onConnection).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

/** Its other side has closed it, or it broke. */
async function over(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once("end", resolve).once("close", resolve).resume());
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "starai-entry-"));
  file = join(folder, "m.gguf");
  await writeFile(file, randomBytes(1_000));
  [ends, entries] = [[], []];
  engine = await listen((socket) => void socket.on("error", () => {}).pipe(socket));
  rpcPort = portOf(engine);
  lines = await listen((tunnel) => serveExit(tunnel, { rpcPort, file, onEnd: (fault) => void ends.push(fault) }));
});
afterEach(async () => {
  for (const entry of entries) await entry.close();
  for (const server of [engine, lines]) await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const dialLines = async () => await dial(portOf(lines));

async function entry(how: { open?: () => Promise<Duplex>; signal?: AbortSignal } = {}): Promise<Entry> {
  const opened = await openEntry({ open: dialLines, file, signal: new AbortController().signal, ...how });
  entries.push(opened);
  return opened;
}

describe("an entry", () => {
  test("carries each connection of the engine through a tunnel of its own, there and back", async () => {
    const { port, bytes } = await entry();
    const sent = Array.from({ length: 5 }, () => randomBytes(500_000));
    const came = sent.map(async (all) => {
      const socket = await dial(port);
      socket.end(all);
      return await buffer(socket);
    });
    for (const [at, back] of (await Promise.all(came)).entries()) expect(back.equals(sent[at] ?? back)).toBe(true);
    expect(bytes.raw).toBe(2_500_000);
    await expect.poll(() => ends).toEqual([null, null, null, null, null]);
  });

  test("closes the connection and remembers why when there is no tunnel", async () => {
    const opened = await entry({ open: () => Promise.reject(new Error("the node is not connected")) });
    const socket = await dial(opened.port);
    await over(socket);
    expect(opened.fault).toBe("the node is not connected");
  });

  test("ends the tunnel when the engine goes while it is opened", async () => {
    const opening = new EventEmitter();
    const { port } = await entry({ open: async () => (await once(opening, "open"))[0] as Duplex });
    const socket = await dial(port);
    const tunnel = await dial(portOf(lines));
    socket.resetAndDestroy();
    await expect.poll(() => opening.emit("open", tunnel)).toBe(true);
    await expect.poll(() => tunnel.destroyed).toBe(true);
  });

  test("that is closed, or whose signal is given, ends its connections and takes no more", async () => {
    const abort = new AbortController();
    const both = [await entry(), await entry({ signal: abort.signal })] as const;
    const sockets = await Promise.all(both.map(async ({ port }) => await dial(port)));
    const gone = Promise.all(sockets.map(async (socket) => await over(socket)));
    await both[0].close();
    abort.abort();
    await gone;
    for (const { port } of both) await expect(dial(port)).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("an exit", () => {
  test("closes the tunnel when the layer server is gone", async () => {
    const port = portOf(engine);
    await new Promise((resolve) => engine.close(resolve));
    engine = createServer();
    rpcPort = port;
    const tunnel = await dial(portOf(lines));
    await over(tunnel);
    expect(ends[0]?.message).toContain("ECONNREFUSED");
  });

  test("ends a tunnel whose head sends no frames, with the reason, and no other tunnel", async () => {
    const { port } = await entry();
    const good = await dial(port);
    const bad = await dial(portOf(lines));
    bad.write("these are no frames");
    await over(bad);
    expect(ends.map((fault) => fault?.message)).toEqual([
      expect.stringContaining("the head sent a frame that is none"),
    ]);
    good.end("still here");
    expect(String(await buffer(good))).toBe("still here");
  });

  test("ends the engine's connection when the node's worker is cut off", async () => {
    const { port } = await entry({ open: async () => (last = await dial(portOf(lines))) });
    let last: Socket | undefined;
    const socket = await dial(port);
    socket.write("x");
    await once(socket, "data");
    last?.resetAndDestroy();
    await over(socket);
    await expect.poll(() => ends.length).toBe(1);
  });
});
