/**
 * The relay: lets the two ends of a tunnel in, each by the signature of its worker over the group's secret and this one
 * connection, and joins them. A request that belongs to no group is refused before anything is kept of it.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { TUNNEL_FRAME_BYTES_MAX, TUNNEL_UPGRADE, readTunnelHeaders } from "@starai/protocol/tunnel";
import type { TunnelRequest } from "@starai/protocol/tunnel";
import { tunnelTranscript } from "@starai/protocol/worker-frames";
import { WebSocketServer } from "ws";
import type { PoolContext } from "../context.ts";
import { isSignedBy } from "../prove-worker.ts";
import { Arrival } from "./arrival.ts";
import type { TunnelRefusal } from "./arrival.ts";

export class Relay {
  readonly #ctx: Pick<PoolContext, "tunnels" | "events">;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: TUNNEL_FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });

  constructor(ctx: Pick<PoolContext, "tunnels" | "events">) {
    this.#ctx = ctx;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const arrival = new Arrival(request, socket, head);
    const asked = readTunnelHeaders(request.headers);
    const refusal = this.#refusalOf(arrival, asked);
    if (refusal === null) return;
    this.#ctx.events.tunnelRefused({ group: asked?.group ?? null, reason: refusal.reason });
    arrival.refuse(refusal);
  }

  /** Ends every tunnel. */
  close(): void {
    this.#ctx.tunnels.closeAll();
    this.#webSockets.close();
  }

  #refusalOf(arrival: Arrival, asked: TunnelRequest | null): TunnelRefusal | null {
    if (arrival.form === null)
      return { status: 426, reason: `a tunnel is asked for with "Upgrade: ${TUNNEL_UPGRADE}", or as a WebSocket` };
    if (asked === null)
      return { status: 400, reason: "the headers of a tunnel are missing or malformed: update the worker" };
    const { connection, side, signature } = asked;
    const place = this.#ctx.tunnels.placeOf(asked.group, asked.place);
    if (!place)
      return {
        status: 404,
        reason: "there is no such group: it has ended, or the pool was restarted; wait for a new one",
      };
    const text = tunnelTranscript({ secret: place.ends.secret, connection, side });
    if (!isSignedBy({ key: place.ends[side], signature }, text))
      return { status: 401, reason: `the signature is not that of this group's ${side} for this connection` };
    if (side === "head") return place.ask(connection, arrival);
    return place.answer(connection, arrival, (one) => one.accept(this.#webSockets));
  }
}
