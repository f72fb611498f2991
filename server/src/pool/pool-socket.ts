/** The pool's port: upgrades on the server's one HTTP port become workers' connections, and tunnels between them. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { guarded } from "@starai/protocol/guarded";
import { TUNNEL_PATH } from "@starai/protocol/split";
import { CLOSE, POOL_PATH, WORKER_FRAME_BYTES_MAX } from "@starai/protocol/worker-frames";
import type { PoolContext } from "./context.ts";
import { Door } from "./door.ts";
import type { LeaseEvents } from "./lease-events.ts";
import { originOf, remoteAddress } from "./origin-of.ts";
import { PairingShares } from "./pairing-shares.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";
import { Relay } from "./tunnels/relay.ts";
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
  const relay = new Relay(ctx);

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const path = pathOf(request.url);
    if (path === null) return refuseUpgrade(socket, 400);
    if (path !== POOL_PATH && path !== TUNNEL_PATH) {
      // Not our path: leave it to other upgrade listeners, and answer 404 only if there are none.
      if (http.listenerCount("upgrade") === 1) refuseUpgrade(socket, 404);
      return;
    }
    // Only browsers send it: a web page must not join the pool from its visitor's machine.
    if (request.headers.origin !== undefined) return refuseUpgrade(socket, 403);
    // A tunnel needs no place at the door: it is let in or refused at once, by its one request.
    if (path === TUNNEL_PATH) return relay.upgrade(request, socket, head);
    const origin = originOf(remoteAddress(request, ctx.config.http.behindProxy));
    const refusal = door.refusalOf(origin);
    if (refusal !== null) {
      ctx.events.workerRefused(refusal);
      return refuseUpgrade(socket, 429, { body: refusal });
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      new WorkerConnection({ ctx, leases, socket: webSocket, serverId, origin, door, shares }).open(),
    );
  };
  const onUpgrade = guarded(ctx.log, "an upgrade", upgrade, (_request, socket) => refuseUpgrade(socket, 400));
  http.on("upgrade", onUpgrade);

  return async () => {
    http.off("upgrade", onUpgrade);
    relay.close();
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
