/** The pool's port: WebSocket upgrades on the server's one HTTP port become workers' connections. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { guarded } from "@starai/protocol/guarded";
import { CLOSE, POOL_PATH, WORKER_FRAME_BYTES_MAX } from "@starai/protocol/worker-frames";
import type { PoolContext } from "./context.ts";
import { Door } from "./door.ts";
import type { LeaseEvents } from "./lease-events.ts";
import { originOf, remoteAddress } from "./origin-of.ts";
import { PairingShares } from "./pairing-shares.ts";
import { WorkerConnection } from "./worker-connection.ts";

/** How long closing waits for the workers' own close frames. */
const CLOSE_WAIT_MS = 500;

/** Starts accepting workers; the returned function disconnects them all and waits until their sockets are closed. */
export function attachPoolSocket(
  ctx: PoolContext,
  { http, leases }: { http: Server; leases: LeaseEvents },
): () => Promise<void> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: WORKER_FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  const serverId = randomBytes(16).toString("hex");
  const door = new Door(ctx.config.limits);
  const shares = new PairingShares();

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = pathOf(request.url);
    if (path === null) return refuse(socket, 400, "Bad Request");
    if (path !== POOL_PATH) {
      // Not our path: leave it to other upgrade listeners, and answer 404 only if there are none.
      if (http.listenerCount("upgrade") === 1) refuse(socket, 404, "Not Found");
      return;
    }
    // Only browsers send it: a web page must not join the pool from its visitor's machine.
    if (request.headers.origin !== undefined) return refuse(socket, 403, "Forbidden");
    const origin = originOf(remoteAddress(request, ctx.config.http.behindProxy));
    const refusal = door.refusalOf(origin);
    if (refusal !== null) {
      ctx.events.workerRefused(refusal);
      return refuse(socket, 429, "Too Many Requests", refusal);
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      new WorkerConnection({ ctx, leases, socket: webSocket, serverId, origin, door, shares }).open(),
    );
  };
  const onUpgrade = guarded(ctx.log, "an upgrade", upgrade, (_request, socket) => refuse(socket, 400, "Bad Request"));
  http.on("upgrade", onUpgrade);

  return async () => {
    http.off("upgrade", onUpgrade);
    for (const socket of sockets.clients) socket.close(CLOSE.drain, "the server is restarting; come back in a moment");
    const deadline = performance.now() + CLOSE_WAIT_MS;
    while (sockets.clients.size > 0 && performance.now() < deadline) {
      await sleep(10);
    }
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

/** The path of a target that begins with "/", else null. Not parsed as a URL: a stranger's may make a parser throw. */
function pathOf(target: string | undefined): string | null {
  return target?.startsWith("/") ? (target.split("?", 1)[0] ?? null) : null;
}

/** Answers and destroys the socket at once: a stranger who never closes its side would keep it open. */
function refuse(socket: Duplex, status: number, words: string, body = ""): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${words}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
