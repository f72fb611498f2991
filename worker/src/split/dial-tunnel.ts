/**
 * Opens this worker's end of a tunnel at the pool's relay: an HTTP upgrade, and raw bytes after it. Where something in
 * between answers in the relay's place, it may know no upgrades but WebSockets: then one of those is opened instead.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { guarded } from "@starai/protocol/guarded";
import { TUNNEL_PATH } from "@starai/protocol/split";
import { TUNNEL_FRAME_BYTES_MAX, TUNNEL_REFUSED, TUNNEL_UPGRADE, tunnelHeaders } from "@starai/protocol/tunnel";
import { WebSocket, createWebSocketStream } from "ws";
import { plain } from "../earnings/words.ts";
import type { Identity } from "../identity.ts";
import { apiBaseOf } from "../pool-address.ts";

/** The relay waits 5 s for the other end; the rest is for a slow line. */
const DIAL_MAX_MS = 15_000;
/** Of a refusal's words in this worker's log, and of what is read for them. */
const REASON_CHARS_MAX = 200;
const ANSWER_BYTES_MAX = 16_384;

export interface TunnelDial {
  poolUrl: string;
  identity: Identity;
  group: string;
  /** Of the node. */
  place: number;
  secret: string;
  /** New for each; a head's may be replaced by another when the tunnel is asked for a second time. */
  connection: string;
  side: "head" | "node";
  /** Ends the dialling. */
  signal: AbortSignal;
}

/** @throws Error that says why there is no tunnel */
export async function dialTunnel(dial: TunnelDial): Promise<Duplex> {
  const signal = AbortSignal.any([dial.signal, AbortSignal.timeout(DIAL_MAX_MS)]);
  try {
    return await dialRaw(dial, signal);
  } catch (error) {
    if (!(error instanceof NotTheRelay)) throw error;
    const connection = dial.side === "head" ? randomUUID() : dial.connection;
    return await dialWebSocket({ ...dial, connection }, signal);
  }
}

/** Something between this worker and the pool has answered. */
class NotTheRelay extends Error {
  override readonly name = "NotTheRelay";
}

async function dialRaw(dial: TunnelDial, signal: AbortSignal): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    const address = `${apiBaseOf(dial.poolUrl)}${TUNNEL_PATH}`;
    const send = address.startsWith("https:") ? httpsRequest : httpRequest;
    const headers = { ...headersOf(dial), connection: "Upgrade", upgrade: TUNNEL_UPGRADE };
    const request = send(address, { headers, signal, agent: false });
    request.on("error", (error) => reject(new Error(`no tunnel through the pool: ${error.message}`, { cause: error })));
    request.on("response", (response) => void refusalOf(response).then(reject, reject));
    const onUpgrade = (response: IncomingMessage, socket: Socket, head: Buffer) => {
      if (response.headers.upgrade?.toLowerCase() !== TUNNEL_UPGRADE) {
        socket.destroy();
        return reject(new NotTheRelay("the upgrade was answered with another"));
      }
      socket.setNoDelay(true);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    };
    // A fault is the dialling's own; nobody else need hear of it.
    request.on("upgrade", guarded({ error: ({ err }) => reject(err) }, "an upgrade", onUpgrade));
    request.end();
  });
}

async function dialWebSocket(dial: TunnelDial, signal: AbortSignal): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    const address = `${apiBaseOf(dial.poolUrl).replace(/^http/, "ws")}${TUNNEL_PATH}`;
    const options = { headers: headersOf(dial), perMessageDeflate: false, maxPayload: TUNNEL_FRAME_BYTES_MAX };
    const socket = new WebSocket(address, options);
    const abort = () => socket.terminate();
    signal.addEventListener("abort", abort, { once: true });
    socket.on("error", (error) => reject(new Error(`no tunnel through the pool: ${error.message}`, { cause: error })));
    socket.on("unexpected-response", (_request, response) => void refusalOf(response).then(reject, reject));
    socket.on("open", () => {
      signal.removeEventListener("abort", abort);
      resolve(createWebSocketStream(socket));
    });
  });
}

function headersOf({ identity, group, place, secret, connection, side }: TunnelDial): Record<string, string> {
  const signature = identity.signTunnel({ secret, connection, side });
  return tunnelHeaders({ group, place, connection, side, signature });
}

async function refusalOf(response: IncomingMessage): Promise<Error> {
  const words = plain(await beginningOf(response).catch(() => ""), REASON_CHARS_MAX);
  const message = `no tunnel through the pool: HTTP ${response.statusCode}${words ? `: ${words}` : ""}`;
  return response.headers[TUNNEL_REFUSED] === undefined ? new NotTheRelay(message) : new Error(message);
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > ANSWER_BYTES_MAX) break;
  }
  return text;
}
