/** The whole way between the machines of a group, but for the engine: entry, dialling, the pool's relay, exit. */
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dialTunnel } from "@starai/worker/split/dial-tunnel";
import { openNodeWay, openRelayPort } from "../src/testing/loopback-group.ts";

let folder: string;
let file: string;
let echo: Server;
let rpcPort: number;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "starai-tunnels-"));
  file = path.join(folder, "m.gguf");
  await writeFile(file, randomBytes(1_000));
  echo = createServer((socket) => void socket.on("error", () => {}).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  rpcPort = (echo.address() as AddressInfo).port;
});
afterAll(async () => {
  await new Promise((resolve) => echo.close(resolve));
  await rm(folder, { recursive: true });
});

/** Sends through the entry and reads the same amount back. */
async function sentAndBack(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(bytes);
  let had = 0;
  const pieces: Buffer[] = [];
  for await (const piece of socket as AsyncIterable<Buffer>) {
    had += pieces.push(piece) && piece.length;
    if (had >= bytes.length) break;
  }
  return Buffer.concat(pieces);
}

describe.each(["raw", "websocket"] as const)("between head and node, with %s upgrades", (form) => {
  test("what the engine writes comes back byte for byte over several connections at once", async () => {
    await using relay = await openRelayPort(form);
    await using way = await openNodeWay(relay, { rpcPort, file });
    const all = Array.from({ length: 4 }, () => randomBytes(700_000));
    const back = await Promise.all(all.map(async (bytes) => await sentAndBack(way.entry.port, bytes)));
    for (const [at, bytes] of back.entries()) expect(bytes.equals(all[at] ?? bytes)).toBe(true);
    await expect.poll(() => relay.book.size).toBe(0);
  });

  test("questions that each wait for their answer tell how long the way there and back takes", async () => {
    await using relay = await openRelayPort(form);
    await using way = await openNodeWay(relay, { rpcPort, file });
    expect(relay.book.roundTripMs(way.dial.group)).toBeNull();
    const socket = connect({ host: "127.0.0.1", port: way.entry.port });
    for (let asked = 0; asked < 3; asked++) {
      socket.write("question");
      expect(String((await once(socket, "data"))[0])).toBe("question");
    }
    expect(relay.book.roundTripMs(way.dial.group)).toBeGreaterThan(0);
    socket.destroy();
  });

  test("a refusal of the pool is told in its own words", async () => {
    await using relay = await openRelayPort(form);
    await using way = await openNodeWay(relay, { rpcPort, file });
    relay.book.close(way.dial.group);
    await sentAndBack(way.entry.port, Buffer.from("x")).catch(() => {});
    expect(way.entry.fault).toContain("there is no such group");
  });

  test("the signal ends the dialling, and no tunnel that is open", async () => {
    await using relay = await openRelayPort(form);
    await using way = await openNodeWay(relay, { rpcPort, file });
    const abort = new AbortController();
    const dial = { ...way.dial, identity: way.head, side: "head" as const, signal: abort.signal };
    const tunnel = await dialTunnel({ ...dial, connection: randomUUID() });
    abort.abort();
    await expect(dialTunnel({ ...dial, connection: randomUUID() })).rejects.toThrow(/abort|closed/i);
    // The exit expects frames: data of two bytes.
    tunnel.write(Buffer.from([0, 2, 0, 0, 0, 104, 105]));
    expect(String((await once(tunnel, "data"))[0])).toBe("hi");
    tunnel.destroy();
  });
});

test("where neither form comes through, the answer of what stands between is told, a part of it", async () => {
  const proxy = http.createServer((_request, response) =>
    response.writeHead(403).end("blocked \u001b[31m".repeat(2_000)),
  );
  await once(proxy.listen(0, "127.0.0.1"), "listening");
  const poolUrl = `ws://127.0.0.1:${(proxy.address() as AddressInfo).port}/pool`;
  await using relay = await openRelayPort();
  await using way = await openNodeWay(relay, { rpcPort, file });
  const dial = { ...way.dial, identity: way.head, side: "head" as const, connection: randomUUID(), poolUrl };
  const fault = await dialTunnel(dial).catch((error: unknown) => error as Error);
  expect((fault as Error).message).toMatch(/^no tunnel through the pool: HTTP 403: blocked /);
  expect((fault as Error).message.length).toBeLessThan(300);
  expect((fault as Error).message).not.toContain("\u001b");
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

test("a pool that is not there is told as such", async () => {
  await using relay = await openRelayPort();
  await using way = await openNodeWay(relay, { rpcPort, file });
  const dial = { ...way.dial, identity: way.head, side: "head" as const, connection: randomUUID() };
  await expect(dialTunnel({ ...dial, poolUrl: "ws://127.0.0.1:1/pool" })).rejects.toThrow(/ECONNREFUSED/);
});
