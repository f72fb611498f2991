/** The pool's door: WebSocket upgrades on the server's one HTTP port become workers' connections. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { CLOSE, POOL_PATH, WORKER_FRAME_BYTES_MAX } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import { WorkerConnection } from "./worker-connection.ts";
import { WORKERS_MAX } from "./worker-registry.ts";

/** Connections of one address that have not proven who they are; the proof takes milliseconds. */
const UNPROVEN_PER_ADDRESS_MAX = 5;
/** How long closing waits for the workers' own close frames. */
const CLOSE_WAIT_MS = 500;

/** Starts taking workers; the result sends them all away and waits until their sockets are closed. */
export function attachPoolSocket(ctx: AppContext, http: Server): () => Promise<void> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: WORKER_FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  const serverId = randomBytes(16).toString("hex");
  const unproven = new Map<string, number>();

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (new URL(request.url ?? "/", "http://pool").pathname !== POOL_PATH) {
      // Somebody else's upgrade, unless nobody else listens.
      if (http.listenerCount("upgrade") === 1) refuse(socket, 404, "Not Found");
      return;
    }
    const address = request.socket.remoteAddress ?? "unknown";
    const refusal = refusalOf(request, unproven.get(address) ?? 0, sockets.clients.size);
    if (refusal) return refuse(socket, ...refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      unproven.set(address, (unproven.get(address) ?? 0) + 1);
      const connection = new WorkerConnection({
        ctx,
        socket: webSocket,
        serverId,
        address,
        onProvenOrGone: () => countDown(unproven, address),
      });
      connection.open();
    });
  };
  http.on("upgrade", onUpgrade);

  return async () => {
    http.off("upgrade", onUpgrade);
    for (const socket of sockets.clients) socket.close(CLOSE.drain, "the server is restarting; come back in a moment");
    const deadline = performance.now() + CLOSE_WAIT_MS;
    while (sockets.clients.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

function refusalOf(request: IncomingMessage, unproven: number, connected: number): [number, string] | null {
  // Only browsers send it: a web page must not join the pool of the machine it is looked at on.
  if (request.headers.origin !== undefined) return [403, "Forbidden"];
  if (unproven >= UNPROVEN_PER_ADDRESS_MAX) return [429, "Too Many Requests"];
  if (connected >= WORKERS_MAX) return [503, "Service Unavailable"];
  return null;
}

function refuse(socket: Duplex, status: number, words: string): void {
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function countDown(counts: Map<string, number>, key: string): void {
  const left = (counts.get(key) ?? 1) - 1;
  if (left <= 0) counts.delete(key);
  else counts.set(key, left);
}
