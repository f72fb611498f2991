/** Where a pool is: people name it by any of its addresses, and it is dialled at its WebSocket. */
import { POOL_PATH } from "@starai/protocol/worker-frames";

const SOCKET_SCHEMES = new Map([
  ["http:", "ws:"],
  ["https:", "wss:"],
  ["ws:", "ws:"],
  ["wss:", "wss:"],
]);

/** The pool's WebSocket: http(s):// and ws(s):// are accepted, and the pool's path is added where there is none. Null for anything else. */
export function poolUrlOf(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const scheme = SOCKET_SCHEMES.get(url.protocol);
  if (scheme === undefined || url.hostname === "") return null;
  const path = url.pathname === "/" ? POOL_PATH : url.pathname;
  return `${scheme}//${url.host}${path}${url.search}`;
}

/** Where the pool's HTTP API is, without a slash at the end. */
export function apiBaseOf(poolUrl: string): string {
  const [address = poolUrl] = poolUrl.split("?");
  return address
    .replace(/^ws/, "http")
    .replace(new RegExp(`${POOL_PATH}/?$`), "")
    .replace(/\/$/, "");
}
