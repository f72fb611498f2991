/**
 * The parts of a group on one machine: a relay at a real port, layer servers, and for each of them an entry whose
 * connections go through the relay as between strangers. For tests and benchmarks of what lies between head and nodes.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { pino } from "pino";
import { TUNNEL_UPGRADE } from "@starai/protocol/tunnel";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import { Events } from "@starai/server/events/events";
import { Relay } from "@starai/server/pool/tunnels/relay";
import { TunnelBook } from "@starai/server/pool/tunnels/tunnel-book";
import { loadIdentity } from "@starai/worker/identity";
import type { Identity } from "@starai/worker/identity";
import { dialTunnel } from "@starai/worker/split/dial-tunnel";
import { openEntry } from "@starai/worker/split/entry";
import type { Entry } from "@starai/worker/split/entry";
import { serveExit } from "@starai/worker/split/exit";

/** As a proxy may be that stands before the pool: it passes on WebSockets alone. */
export type RelayForm = "raw" | "websocket";

export interface RelayPort extends AsyncDisposable {
  book: TunnelBook;
  poolUrl: string;
}

export async function openRelayPort(form: RelayForm = "raw"): Promise<RelayPort> {
  const book = new TunnelBook();
  const relay = new Relay({ tunnels: book, events: new Events(pino({ level: "silent" })) });
  const server = http.createServer((_request, response) => response.writeHead(404).end("not here"));
  server.on("upgrade", (request, socket, head) => {
    if (form === "raw" || request.headers.upgrade !== TUNNEL_UPGRADE) return relay.upgrade(request, socket, head);
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    book,
    poolUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}${POOL_PATH}`,
    [Symbol.asyncDispose]: async () => {
      relay.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface NodeWay extends AsyncDisposable {
  entry: Entry;
  /** What the head's and the node's worker dial with. */
  dial: { poolUrl: string; group: string; place: number; secret: string; signal: AbortSignal };
  head: Identity;
}

/** A head's entry that leads through the relay to whatever listens at this port. */
export async function openNodeWay(
  relay: RelayPort,
  { rpcPort, file, group = randomUUID(), place = 0 }: { rpcPort: number; file: string; group?: string; place?: number },
): Promise<NodeWay> {
  const [head, node] = [await newIdentity(), await newIdentity()];
  const abort = new AbortController();
  const secret = randomBytes(32).toString("hex");
  const dial = { poolUrl: relay.poolUrl, group, place, secret, signal: abort.signal };
  relay.book.open({
    group,
    place,
    secret,
    head: head.key,
    node: node.key,
    dial: (connection) => {
      const tunnel = dialTunnel({ ...dial, identity: node, connection, side: "node" });
      tunnel.then((open) => serveExit(open, { rpcPort, file })).catch(() => {});
      return true;
    },
  });
  const open = async () => await dialTunnel({ ...dial, identity: head, connection: randomUUID(), side: "head" });
  const entry = await openEntry({ open, file, signal: abort.signal });
  return {
    entry,
    dial,
    head,
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await entry.close();
      relay.book.close(group);
    },
  };
}

async function newIdentity(): Promise<Identity> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-key-"));
  const identity = await loadIdentity(home);
  await rm(home, { recursive: true });
  return identity;
}
