/**
 * Bytes a stranger may write to the port: request targets no parser reads, odd upgrades, resets in the middle of
 * one, noise, broken WebSocket frames. From a seed, so that what was found can be sent again.
 */
import { TUNNEL_PATH } from "@starai/protocol/split";
import { POOL_PATH } from "@starai/protocol/worker-frames";

export type Draw = () => number;

/** One connection's worth of input. */
export interface RawInput {
  readonly kind: "upgrade" | "requests" | "reset" | "noise" | "frames";
  readonly bytes: Buffer;
  /** Requests or frames in it: what one connection is asked to swallow. */
  readonly count: number;
}

/** Request targets the URL parser throws on, and some it reads as something else than they look. */
export const ODD_TARGETS = [
  "// /// /\\ //: //@ //% //x:99999/pool http://[ http:// http:/// https://x:y@/ ftp://[ http://x/pool * ?",
  "/pool// //pool /pool?http://[ /pool#// /% /%00 /..//.. /v1/%ff /api/threads/%E0%A4%A /app/../../etc/passwd",
  "/app/%2e%2e%2f /__proto__ /[ /] /{}",
].flatMap((line) => line.split(" "));

const GOOD_HOSTS = ["x", "127.0.0.1", "localhost:80"];
const ODD_HOSTS = ["[::1", "[", "a b", "x:99999", "", "-", "\u{fc}", "%", "x/y", "user@x", "::", "xn--"];
const METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "M-SEARCH"];
const PATHS = [
  "/healthz",
  "/v1/models",
  "/v1/chat/completions",
  "/api/pool",
  "/api/session",
  "/app/",
  POOL_PATH,
  TUNNEL_PATH,
  "/api/my",
];
const REQUESTS_AT_ONCE = 24;
const WS_KEY = "dGhlIHNhbXBsZSBub25jZQ==";

export function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[Math.floor(draw() * items.length)]!;
}

export function rawInput(draw: Draw): RawInput {
  const roll = draw();
  if (roll < 0.25) return { kind: "requests", ...requests(draw, REQUESTS_AT_ONCE) };
  if (roll < 0.35) return { kind: "requests", ...requests(draw, 1) };
  if (roll < 0.55) return { kind: "upgrade", bytes: latin1(upgrade(draw, target(draw))), count: 1 };
  if (roll < 0.75) return { kind: "reset", bytes: beginning(draw), count: 1 };
  if (roll < 0.85) return { kind: "noise", bytes: noise(draw), count: 1 };
  return { kind: "frames", ...frames(draw) };
}

/** An upgrade to this target with nothing else odd about it. */
export function upgradeTo(path: string): Buffer {
  return latin1(`GET ${path} HTTP/1.1\r\nHost: x\r\n${upgradeHeaders(WS_KEY, "13")}\r\n`);
}

function upgradeHeaders(key: string, version: string): string {
  return `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: ${version}\r\n`;
}

function host(draw: Draw): string {
  return pick(draw, draw() < 0.6 ? GOOD_HOSTS : ODD_HOSTS);
}

function target(draw: Draw): string {
  const roll = draw();
  if (roll < 0.4) return pick(draw, ODD_TARGETS);
  if (roll < 0.6) return pick(draw, PATHS) + pick(draw, ["", "?", "//", "?a=%", "#", "/%zz", "\\"]);
  const alphabet = "/\\:@%?#[]{}.*&=;,~!$'()+-_aA0\u{e4}\u{ff}";
  const length = Math.floor(draw() * 24);
  return pick(draw, ["/", "//", "http://", ""]) + Array.from({ length }, () => pick(draw, alphabet.split(""))).join("");
}

/** Many in one write have targets Node's parser accepts: one it refuses ends the connection, and the others with it. */
function requests(draw: Draw, count: number): Pick<RawInput, "bytes" | "count"> {
  const parts = Array.from({ length: count }, (_, index) => {
    const last = index === count - 1 ? "Connection: close\r\n" : "";
    const path = count === 1 ? target(draw) || "/" : `/${target(draw).replaceAll(/[^!-~]|^\//g, "")}`;
    const body = draw() < 0.3 ? pick(draw, ["{", "null", "[1]", '{"model":1}', "\u{ff}\u{0}", "a=b"]) : "";
    const type = pick(draw, ["application/json", "text/plain", "", ";", "multipart/form-data", "application/json; q"]);
    const headers = `Host: ${host(draw)}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n`;
    return `${pick(draw, METHODS)} ${path} HTTP/1.1\r\n${headers}${oddHeader(draw)}${last}\r\n${body}`;
  });
  return { bytes: latin1(parts.join("")), count };
}

function oddHeader(draw: Draw): string {
  if (draw() < 0.5) return "";
  const value = pick(draw, [
    "",
    "Bearer ",
    "Bearer \u{ff}",
    ",",
    "a;b=c",
    "x".repeat(2_000),
    "%",
    "null",
    "-1",
    "1e99",
  ]);
  const name = pick(draw, ["Authorization", "Cookie", "Accept", "Range", "Origin", "Last-Event-ID", "Idempotency-Key"]);
  return `${name}: ${value}\r\n`;
}

function upgrade(draw: Draw, path: string): string {
  const lines = [
    `${pick(draw, ["GET", "GET", "GET", "POST", "OPTIONS"])} ${path} HTTP/1.${pick(draw, ["1", "1", "1", "0"])}`,
    `Host: ${host(draw)}`,
    `Upgrade: ${pick(draw, ["websocket", "websocket", "h2c", "starai-tcp", "websocket, h2c", "", "WebSocket/13"])}`,
    `Connection: ${pick(draw, ["Upgrade", "Upgrade", "keep-alive, Upgrade", "upgrade,close"])}`,
    `Sec-WebSocket-Key: ${pick(draw, [WS_KEY, WS_KEY, "", "x", "=".repeat(24), "\u{ff}"])}`,
    `Sec-WebSocket-Version: ${pick(draw, ["13", "13", "8", "0", "99", "", "13, 8", "-1"])}`,
    `Sec-WebSocket-Extensions: ${pick(draw, ["", "permessage-deflate", ";", "a;b=\u{ff}", '"', "x; y=z; y"])}`,
    `Sec-WebSocket-Protocol: ${pick(draw, ["", "a", ",", "a,a", "\u{ff}"])}`,
    ...(draw() < 0.2 ? [`Origin: ${pick(draw, ["null", "https://evil.example", ""])}`] : []),
    ...(draw() < 0.2 ? ["Content-Length: 5"] : []),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${draw() < 0.3 ? "\u{1}\u{2}\u{3}" : ""}`;
}

/** Some first bytes of a good upgrade, perhaps with a frame behind it; the socket is reset after them. */
function beginning(draw: Draw): Buffer {
  const whole = Buffer.concat([upgradeTo(POOL_PATH), frame(draw)]);
  return whole.subarray(0, Math.ceil(draw() * whole.length));
}

function noise(draw: Draw): Buffer {
  const starts = [
    "",
    "\u{16}\u{3}\u{1}",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "PROXY TCP4 \r\n",
    "GET / HTTP/9.9\r\n\r\n",
  ];
  const bytes = Buffer.from(Array.from({ length: Math.floor(draw() * 200) }, () => Math.floor(draw() * 256)));
  return Buffer.concat([latin1(pick(draw, starts)), bytes]);
}

/** A good upgrade and, in the same write, frames of which the last ends the connection. */
function frames(draw: Draw): Pick<RawInput, "bytes" | "count"> {
  const count = 1 + Math.floor(draw() * 6);
  return { bytes: Buffer.concat([upgradeTo(POOL_PATH), ...Array.from({ length: count }, () => frame(draw))]), count };
}

function frame(draw: Draw): Buffer {
  if (draw() < 0.5) return textFrame(draw, text(draw));
  const payload = noise(draw).subarray(0, 120);
  const claimed = pick(draw, [payload.length, payload.length, 126, 127]);
  const long = pick(draw, [[], [0, 5], [0xff, 0xff], [0, 0, 0, 0, 0, 0, 1, 0], Array<number>(8).fill(0xff)]);
  const head = [Math.floor(draw() * 256), (draw() < 0.8 ? 0x80 : 0) | (claimed & 0x7f), ...(claimed > 125 ? long : [])];
  return Buffer.concat([Buffer.from(head), Buffer.from([1, 2, 3, 4]), payload]);
}

/** Well framed, but nothing a worker would send. */
function textFrame(draw: Draw, said: string): Buffer {
  const payload = draw() < 0.1 ? Buffer.from([0xff, 0xfe]) : Buffer.from(said);
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = payload.map((byte, at) => byte ^ mask[at % 4]!);
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length]), mask, masked]);
}

function text(draw: Draw): string {
  const key = "0123456789abcdef".repeat(4);
  return pick(draw, [
    "",
    "null",
    "{",
    "1e999",
    '"\\ud800"',
    "[".repeat(5_000),
    '{"__proto__":{"type":"hello"}}',
    '{"type":"__proto__"}',
    `{"type":"hello","protocol":{"major":1,"minor":0},"key":"${key}"}`,
    '{"type":"hello","protocol":{"major":1e308,"minor":-1},"key":"x"}',
    `{"type":"heartbeat","running":0,"freeMemoryBytes":0,"${"\u{1F480}".repeat(80)}":1}`,
    `{"type":"proof","signature":"${key}${key}"}`,
    '{"type":"ready","name":"\\u0000","version":"","devices":[],"models":[],"holding":[]}',
  ]);
}

function latin1(said: string): Buffer {
  return Buffer.from(said, "latin1");
}
