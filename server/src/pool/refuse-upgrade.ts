/** Refuses a request for another protocol: an HTTP answer on a bare socket. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** Answers and destroys the socket at once: a stranger who never closes its side would keep it open. */
export function refuseUpgrade(
  socket: Duplex,
  status: number,
  { body = "", headers = {} }: { body?: string; headers?: Readonly<Record<string, string>> } = {},
): void {
  socket.on("error", () => socket.destroy());
  socket.once("finish", () => socket.destroy());
  const all = { Connection: "close", ...headers, "Content-Length": String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\n${lines.join("")}\r\n${body}`);
}
