/** The relay at a real port: who may open a tunnel, what passes through it, and how it ends. */
import { generateKeyPairSync, randomBytes, randomUUID, sign } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pino } from "pino";
import { TUNNEL_CONNECTIONS_MAX, TUNNEL_PATH } from "@starai/protocol/split";
import { TUNNEL_REFUSED, TUNNEL_UPGRADE, tunnelHeaders } from "@starai/protocol/tunnel";
import { tunnelTranscript } from "@starai/protocol/worker-frames";
import { WebSocket, createWebSocketStream } from "ws";
import { Events } from "../../events/events.ts";
import { Relay } from "./relay.ts";
import { TunnelBook } from "./tunnel-book.ts";
import type { TunnelEnds, TunnelLimits } from "./tunnel-book.ts";

class Machine {
  readonly #key = generateKeyPairSync("ed25519").privateKey;
  readonly key = Buffer.from(this.#key.export({ format: "jwk" }).x ?? "", "base64url").toString("hex");

  sign(end: Parameters<typeof tunnelTranscript>[0]): string {
    return sign(null, Buffer.from(tunnelTranscript(end)), this.#key).toString("hex");
  }
}

interface Ask {
  side?: "head" | "node";
  connection?: string;
  group?: string;
  place?: number;
  secret?: string;
  by?: Machine;
  headers?: Record<string, string>;
}

type Answer = { stream: Duplex } | { status: number; words: string; isRelays: boolean };

const [head, node, eve] = [new Machine(), new Machine(), new Machine()];
let ends: TunnelEnds;
let book: TunnelBook;
let relay: Relay;
let server: http.Server;
let port: number;
/** What the node's worker is told, and whether it is there to be told. */
let dialled: string[];
let isConnected: boolean;

beforeEach(() => open());
afterEach(close);

async function open(limits: Partial<TunnelLimits> = {}): Promise<void> {
  [dialled, isConnected] = [[], true];
  ends = {
    group: randomUUID(),
    place: 0,
    secret: randomBytes(32).toString("hex"),
    head: head.key,
    node: node.key,
    dial: (connection) => {
      dialled.push(connection);
      return isConnected;
    },
  };
  book = new TunnelBook(limits);
  book.open(ends);
  relay = new Relay({ tunnels: book, events: new Events(pino({ level: "silent" })) });
  server = http.createServer((_request, response) => response.writeHead(404).end());
  server.on("upgrade", (request, socket, first) => relay.upgrade(request, socket, first));
  await once(server.listen(0, "127.0.0.1"), "listening");
  ({ port } = server.address() as AddressInfo);
}

async function close(): Promise<void> {
  relay.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function headersOf(ask: Ask): Record<string, string> {
  const { side = "head", connection = randomUUID(), group = ends.group, place = 0, secret = ends.secret } = ask;
  const signature = (ask.by ?? (side === "head" ? head : node)).sign({ secret, connection, side });
  return { ...tunnelHeaders({ group, place, connection, side, signature }), ...ask.headers };
}

/** Asks for one end; resolves with the stream after 101, or with the refusal. */
async function ask(how: Ask = {}): Promise<Answer> {
  const headers = { connection: "Upgrade", upgrade: TUNNEL_UPGRADE, ...headersOf(how) };
  const request = http.request({
    host: "127.0.0.1",
    port,
    path: TUNNEL_PATH,
    headers,
    agent: false,
  });
  return await new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("upgrade", (_response, stream, first) => {
      if (first.length > 0) stream.unshift(first);
      stream.on("error", () => {});
      resolve({ stream });
    });
    request.on("response", (response) => {
      const isRelays = response.headers[TUNNEL_REFUSED] !== undefined;
      text(response).then((words) => resolve({ status: response.statusCode ?? 0, words, isRelays }), reject);
    });
    request.end();
  });
}

function streamOf(answer: Answer): Duplex {
  if ("stream" in answer) return answer.stream;
  throw new Error(`refused with ${answer.status}: ${answer.words}`);
}

/** Both ends of a new tunnel. */
async function tunnel(): Promise<{ head: Duplex; node: Duplex }> {
  const connection = randomUUID();
  const asked = ask({ connection });
  await expect.poll(() => dialled).toContain(connection);
  const answered = await ask({ side: "node", connection });
  return { head: streamOf(await asked), node: streamOf(answered) };
}

/** The next bytes, exactly so many; it stays paused after them. */
async function read(stream: Duplex, length: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let had = 0;
  return await new Promise((resolve) => {
    const take = (piece: Buffer) => {
      had += pieces.push(piece) && piece.length;
      if (had < length) return;
      stream.off("data", take).pause();
      resolve(Buffer.concat(pieces));
    };
    stream.on("data", take).resume();
  });
}

describe("a tunnel", () => {
  test("carries megabytes both ways at once, byte for byte, and ends for both when one ends", async () => {
    const { head, node } = await tunnel();
    const [up, down] = [randomBytes(3_000_000), randomBytes(2_000_000)];
    head.write(up);
    node.write(down);
    const [atNode, atHead] = await Promise.all([read(node, up.length), read(head, down.length)]);
    expect(atNode.equals(up) && atHead.equals(down)).toBe(true);
    expect(book.size).toBe(1);
    node.resume();
    head.end();
    await once(node, "close");
    await expect.poll(() => book.size).toBe(0);
  });

  test("is slowed down by a side that does not read, and keeps little of it in memory", async () => {
    const { head, node } = await tunnel();
    node.pause();
    let taken = 0;
    const piece = Buffer.alloc(64 * 1024);
    // Until the systems' own buffers are full.
    while (taken < 400_000_000 && (await Promise.race([write(head, piece), wait(500, false)]))) taken += piece.length;
    expect(taken).toBeLessThan(100_000_000);
    head.destroy();
  });

  test("measures the way there and back from what passes, not before there was an answer", async () => {
    const { head, node } = await tunnel();
    expect(book.roundTripMs(ends.group)).toBeNull();
    for (let round = 0; round < 3; round++) {
      head.write("?");
      await read(node, 1);
      node.write("!");
      await read(head, 1);
    }
    expect(book.roundTripMs(ends.group)).toBeGreaterThan(0);
    // A node that no head has asked yet says nothing of the whole.
    book.open({ ...ends, place: 1 });
    expect(book.roundTripMs(ends.group)).toBeNull();
  });

  test("ends at once with its group, also for those that wait", async () => {
    const { head, node } = await tunnel();
    const waiting = ask();
    await expect.poll(() => dialled.length).toBe(2);
    book.close(ends.group);
    await Promise.all([head, node].map(async (one) => await once(one.resume(), "close")));
    expect(await waiting).toMatchObject({ status: 404, isRelays: true });
    expect(await ask()).toMatchObject({ status: 404 });
    expect(book.size).toBe(0);
  });

  test("carries what its head sent before the node came", async () => {
    const connection = randomUUID();
    const socket = connect(port, "127.0.0.1");
    const lines = Object.entries({
      host: "pool",
      connection: "Upgrade",
      upgrade: TUNNEL_UPGRADE,
      ...headersOf({ connection }),
    });
    socket.write(
      `GET ${TUNNEL_PATH} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`,
    );
    await expect.poll(() => dialled).toContain(connection);
    socket.write("early, ");
    await wait(50);
    const node = streamOf(await ask({ side: "node", connection }));
    socket.write("and late");
    expect(String(await read(node, 15))).toBe("early, and late");
    socket.destroy();
  });

  test("of another group goes on when one is closed", async () => {
    const { head, node } = await tunnel();
    book.open({ ...ends, group: randomUUID() });
    book.close(randomUUID());
    head.write("x");
    expect(String(await read(node, 1))).toBe("x");
  });

  test("that is silent for too long, and one whose other side stays half open, are closed", async () => {
    await close();
    await open({ idleMaxMs: 300, halfOpenMaxMs: 200 });
    const silent = await tunnel();
    await once(silent.head.resume(), "close");
    const half = await tunnel();
    half.head.end();
    // It sees the end and does not end itself.
    await once(half.node.resume(), "close");
    await expect.poll(() => book.size).toBe(0);
  });

  test("runs through WebSockets where a proxy wants those", async () => {
    const connection = randomUUID();
    const address = `ws://127.0.0.1:${port}${TUNNEL_PATH}`;
    const asked = new WebSocket(address, { headers: headersOf({ connection }) });
    await expect.poll(() => dialled).toContain(connection);
    const answered = streamOf(await ask({ side: "node", connection }));
    await once(asked, "open");
    const stream = createWebSocketStream(asked);
    stream.on("error", () => {});
    const up = randomBytes(300_000);
    stream.write(up);
    expect((await read(answered, up.length)).equals(up)).toBe(true);
    answered.write("back");
    expect(String(await read(stream, 4))).toBe("back");
    // A frame beyond the limit ends this tunnel.
    asked.send(Buffer.alloc(2 * 1024 * 1024));
    await once(answered.resume(), "close");
  });
});

describe("a tunnel is refused in words", () => {
  test("to a group that is none, and to a node that it has not", async () => {
    expect(await ask({ group: randomUUID() })).toMatchObject({ status: 404, isRelays: true });
    const refused = await ask({ place: 2 });
    expect(refused).toMatchObject({ status: 404, words: expect.stringContaining("no such group") });
  });

  test("to whoever has the secret and not the key, or the key and not the secret", async () => {
    expect(await ask({ by: eve })).toMatchObject({ status: 401, words: expect.stringContaining("group's head") });
    expect(await ask({ by: node })).toMatchObject({ status: 401 });
    expect(await ask({ secret: "0".repeat(64) })).toMatchObject({ status: 401 });
    expect(dialled).toEqual([]);
  });

  test("with a signature for another connection or side", async () => {
    const stolen = headersOf({});
    expect(await ask({ headers: { authorization: stolen["authorization"] ?? "" } })).toMatchObject({ status: 401 });
    const connection = randomUUID();
    const ofHead = headersOf({ connection });
    const headers = { ...ofHead, "x-starai-side": "node" };
    expect(await ask({ side: "node", connection, by: head, headers })).toMatchObject({ status: 401 });
  });

  test("a second time with one connection: while it waits, while it lives, and afterwards", async () => {
    const connection = randomUUID();
    const asked = ask({ connection });
    await expect.poll(() => dialled).toContain(connection);
    expect(await ask({ connection })).toMatchObject({ status: 409, words: expect.stringContaining("new id") });
    const first = streamOf(await ask({ side: "node", connection }));
    expect(await ask({ side: "node", connection })).toMatchObject({ status: 409 });
    streamOf(await asked).destroy();
    await once(first.resume(), "close");
    expect(await ask({ connection })).toMatchObject({ status: 409 });
  });

  test("to a node's end that no head has asked for", async () => {
    expect(await ask({ side: "node" })).toMatchObject({ status: 409, words: expect.stringContaining("no head waits") });
  });

  test("when the node is not connected, or does not come", async () => {
    isConnected = false;
    expect(await ask()).toMatchObject({ status: 502, words: expect.stringContaining("not connected") });
    await close();
    await open({ nodeWaitMs: 50 });
    expect(await ask()).toMatchObject({ status: 504, words: expect.stringContaining("did not open its end") });
    // Its end comes too late.
    expect(await ask({ side: "node", connection: dialled[0] ?? "" })).toMatchObject({ status: 409 });
  });

  test("to a head that opens more than an engine does, and to all when the pool has as many as it can", async () => {
    for (let count = 0; count < TUNNEL_CONNECTIONS_MAX; count++) void ask().catch(() => {});
    await expect.poll(() => dialled.length).toBe(TUNNEL_CONNECTIONS_MAX);
    expect(await ask()).toMatchObject({ status: 429, words: expect.stringContaining("64 connections") });
    await close();
    await open({ tunnelsMax: 1 });
    await tunnel();
    expect(await ask()).toMatchObject({ status: 503, words: expect.stringContaining("in a moment") });
  });

  test("when the request is malformed, or for another protocol", async () => {
    expect(await ask({ headers: { "x-starai-place": "-1" } })).toMatchObject({ status: 400 });
    expect(await ask({ headers: { authorization: "Bearer x" } })).toMatchObject({ status: 400 });
    expect(await ask({ headers: { upgrade: "h2c" } })).toMatchObject({ status: 426, isRelays: true });
  });

  test("no longer when those that took all places have left: nobody waits until they would be given up", async () => {
    await close();
    await open({ nodeWaitMs: 600_000 });
    const requests = Array.from({ length: TUNNEL_CONNECTIONS_MAX }, () => {
      const headers = { connection: "Upgrade", upgrade: TUNNEL_UPGRADE, ...headersOf({}) };
      return http.request({ host: "127.0.0.1", port, path: TUNNEL_PATH, headers, agent: false });
    });
    for (const request of requests) request.on("error", () => {}).end();
    await expect.poll(() => dialled.length).toBe(TUNNEL_CONNECTIONS_MAX);
    for (const request of requests) request.destroy();
    await expect.poll(askAgain).toBeGreaterThan(TUNNEL_CONNECTIONS_MAX);
  });
});

function askAgain(): number {
  void ask().catch(() => {});
  return dialled.length;
}

async function write(stream: Duplex, piece: Buffer): Promise<boolean> {
  return await new Promise((resolve) => stream.write(piece, () => resolve(true)));
}
