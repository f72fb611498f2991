/** One end of a tunnel as it arrives at the relay: an upgrade that is not answered yet. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TUNNEL_REFUSED, TUNNEL_UPGRADE } from "@starai/protocol/tunnel";
import { createWebSocketStream } from "ws";
import type { WebSocketServer } from "ws";
import { refuseUpgrade } from "../refuse-upgrade.ts";

/** Why a tunnel is not opened: an HTTP status and a sentence for the worker's log. */
export interface TunnelRefusal {
  readonly status: number;
  readonly reason: string;
}

export class Arrival {
  readonly #request: IncomingMessage;
  readonly #socket: Duplex;
  /** What came with the request, behind it. */
  readonly #head: Buffer;

  readonly #look = () => void this.#socket.read(0);
  readonly #leave = () => void this.#socket.destroy();

  constructor(request: IncomingMessage, socket: Duplex, head: Buffer) {
    this.#request = request;
    this.#socket = socket;
    this.#head = head;
    // The HTTP server has let go of it; an error without a listener would end the process.
    socket.on("error", () => socket.destroy());
  }

  /** The form it asks for; null: another protocol. */
  get form(): "raw" | "websocket" | null {
    const asked = this.#request.headers.upgrade?.toLowerCase();
    if (asked === TUNNEL_UPGRADE) return "raw";
    return asked === "websocket" ? "websocket" : null;
  }

  /** Its end shows only to whoever reads; bytes that came before it stay for whoever takes the socket. */
  onGone(callback: () => void): void {
    this.#socket.once("close", callback);
    this.#socket.on("readable", this.#look).once("end", this.#leave);
  }

  refuse({ status, reason }: TunnelRefusal): void {
    refuseUpgrade(this.#socket, status, { body: reason, headers: { [TUNNEL_REFUSED]: "1" } });
  }

  /** Answers 101. Null where the socket is gone, or the WebSocket's handshake is none (then it was answered). */
  accept(webSockets: WebSocketServer): Duplex | null {
    if (this.#socket.destroyed) return null;
    this.#socket.off("readable", this.#look).off("end", this.#leave);
    return this.form === "raw" ? this.#acceptRaw() : this.#acceptWebSocket(webSockets);
  }

  #acceptRaw(): Duplex {
    const socket = this.#socket as Socket;
    socket.setNoDelay(true);
    socket.setTimeout(0);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${TUNNEL_UPGRADE}\r\n\r\n`);
    if (this.#head.length > 0) socket.unshift(this.#head);
    return socket;
  }

  #acceptWebSocket(webSockets: WebSocketServer): Duplex | null {
    let stream: Duplex | null = null;
    webSockets.handleUpgrade(this.#request, this.#socket, this.#head, (webSocket) => {
      stream = createWebSocketStream(webSocket);
    });
    return stream;
  }
}
