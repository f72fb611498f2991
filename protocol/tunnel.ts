/**
 * How a worker asks the pool's relay for its end of a tunnel: an HTTP upgrade at TUNNEL_PATH with these headers. After
 * the answer 101 come raw bytes; a worker behind a proxy that passes on nothing but WebSockets asks for one instead,
 * and the same bytes travel in its binary frames.
 */
import { z } from "zod";
import { GROUP_NODES_MAX } from "./split.ts";
import { hex } from "./worker-key.ts";

/** Name of the raw form in the `Upgrade` header. */
export const TUNNEL_UPGRADE = "starai-tcp";
/** In every refusal of the relay's own: one without it came from a proxy in between. */
export const TUNNEL_REFUSED = "x-starai-refused";
/** The head's worker says something this often even when its engine does not: proxies and routers forget silent connections. */
export const TUNNEL_ALIVE_MS = 20_000;
/** A frame of the WebSocket form; ends write far less at a time. */
export const TUNNEL_FRAME_BYTES_MAX = 1024 * 1024;

export const TunnelRequest = z.object({
  group: z.uuid(),
  /** Of the node. */
  place: z.coerce
    .number()
    .int()
    .nonnegative()
    .max(GROUP_NODES_MAX - 1),
  /** Chosen by the head, new for each. */
  connection: z.uuid(),
  side: z.enum(["head", "node"]),
  /** Of tunnelTranscript, by the worker's key. */
  signature: hex(64),
});
export type TunnelRequest = z.infer<typeof TunnelRequest>;

export function tunnelHeaders({ group, place, connection, side, signature }: TunnelRequest): Record<string, string> {
  return {
    "x-starai-group": group,
    "x-starai-place": String(place),
    "x-starai-connection": connection,
    "x-starai-side": side,
    authorization: `StarAI ${signature}`,
  };
}

/** Null where they are not those of a tunnel. */
export function readTunnelHeaders(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const request = TunnelRequest.safeParse({
    group: headers["x-starai-group"],
    place: headers["x-starai-place"],
    connection: headers["x-starai-connection"],
    side: headers["x-starai-side"],
    signature: /^StarAI ([0-9a-f]{128})$/.exec(String(headers["authorization"]))?.[1],
  });
  return request.success ? request.data : null;
}
