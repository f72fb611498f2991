/** Faults of the network, the host or a client without a key, while people ask. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@starai/server/grammar/gbnf-sampler";
import { AttackedServer } from "./attacked-server.ts";
import type { Lab } from "./lab.ts";
import { PoolSocket } from "./pool-socket.ts";
import { everything, served } from "./served-models.ts";
import { addressOf } from "./wage.ts";
import type { Attack } from "./wage.ts";

/** Delay until the first answers are half written. */
const MIDST_MS = 700;
/** A raw connection is closed after this without a reply. */
const RAW_MS = 1_000;

const TARGETS = [
  "//",
  "///",
  "/\\",
  "//:",
  "//@",
  "//%",
  "//x:99999/pool",
  "http://[",
  "http://",
  "",
  "*",
  "/pool?%",
  "//pool",
];

export const NETWORK_ATTACKS: readonly Attack[] = [
  {
    name: "upgrade-to-nowhere",
    finding: "A1",
    tried: `upgrades to ${TARGETS.length} targets no parser likes, without a key`,
    asks: "plain",
    expects: "honest",
    run: async (lab, people) => {
      for (const target of TARGETS) await raw(lab, upgrade(target));
      await people();
      return [];
    },
  },
  {
    name: "random-bytes",
    finding: "A1",
    tried: "300 connections of random bytes, broken requests and broken upgrades",
    asks: "plain",
    expects: "honest",
    run: (lab, people) =>
      during(people, async () => {
        const random = seededRandom(lab.options.seed);
        for (let sent = 0; sent < 300; sent += 20)
          await Promise.all(Array.from({ length: 20 }, () => raw(lab, garbage(random))));
        return [];
      }),
  },
  {
    name: "resets",
    finding: "C",
    tried: "200 connections reset in the middle of a request or an upgrade",
    asks: "agent",
    expects: "honest",
    run: (lab, people) =>
      during(people, async () => {
        const body =
          'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{"mod';
        for (let sent = 0; sent < 200; sent += 20)
          await Promise.all(Array.from({ length: 20 }, (_, at) => reset(lab, at % 2 ? upgrade("/pool") : body)));
        return [];
      }),
  },
  {
    name: "slow-loris",
    finding: "C",
    tried: "300 connections that send a byte of a request every second",
    asks: "plain",
    expects: "honest",
    long: true,
    run: (lab, people) => during(people, () => slowLoris(lab, 300)),
  },
  {
    name: "never-ready",
    finding: "A4",
    tried: "one key proven on 300 sockets that never say what they serve",
    asks: "plain",
    expects: "honest",
    run: (lab, people) => neverReady(lab, people, 300),
  },
  {
    name: "the-whole-pool-never-ready",
    finding: "A4",
    tried: "the same on 5,000 sockets",
    asks: "plain",
    expects: "honest",
    long: true,
    run: (lab, people) => neverReady(lab, people, 5_000),
  },
  {
    name: "many-names",
    finding: "A18",
    tried: "200 keys from one address, each with every model and 256 slots of it, all silent",
    asks: "plain",
    expects: "honest",
    long: true,
    run: (lab, people) => manyNames(lab, people, 200),
  },
  {
    name: "frame-flood",
    finding: "A18",
    tried: "frames as fast as the socket takes them, with 256 slots of each model claimed",
    asks: "plain",
    expects: "honest",
    run: (lab, people) => during(people, () => frameFlood(lab)),
  },
  {
    name: "database-killed",
    finding: "A10",
    tried: "kill -9 of PostgreSQL while answers are written",
    midst: true,
    asks: "agent",
    expects: "honest",
    patient: true,
    run: (lab, people) =>
      during(people, async () => {
        await sleep(MIDST_MS);
        if (lab.server.postgresPid !== null) process.kill(lab.server.postgresPid, "SIGKILL");
        return (await isHealthyWithin(lab, 60_000)) ? [] : ["a minute after kill -9 of PostgreSQL /healthz is not ok"];
      }),
  },
  {
    name: "database-paused",
    finding: "C",
    tried: "PostgreSQL stands still for 4 s while answers are written",
    midst: true,
    asks: "agent",
    expects: "honest",
    patient: true,
    run: (lab, people) =>
      during(people, async () => {
        await sleep(MIDST_MS);
        await pausePostgres(lab, 4_000);
        return [];
      }),
  },
  ...[5 * 60_000, 60 * 60_000, -60 * 60_000].map(clockJump),
  {
    name: "server-freezes",
    finding: "C",
    tried: "the server's event loop stands still for 8 s while answers are written",
    midst: true,
    asks: "plain",
    expects: "honest",
    freezes: true,
    run: (lab, people) =>
      during(people, async () => {
        await sleep(MIDST_MS);
        await lab.server.ask({ kind: "freeze", ms: 8_000 });
        return [];
      }),
  },
  {
    name: "a-second-server",
    finding: "A11",
    tried: "another server starts on the same database while answers are written",
    midst: true,
    asks: "agent",
    expects: "honest",
    run: secondServer,
  },
];

/** Runs the attack while people ask; returns the attack's faults. */
export async function during(people: () => Promise<unknown>, attack: () => Promise<string[]>): Promise<string[]> {
  const [faults] = await Promise.all([attack(), people()]);
  return faults;
}

function upgrade(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`;
}

function garbage(random: () => number): string | Buffer {
  const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256)));
  const kind = Math.floor(random() * 4);
  if (kind === 0) return bytes;
  if (kind === 1) return Buffer.concat([Buffer.from(upgrade("/pool")), bytes]);
  if (kind === 2) return upgrade(bytes.toString("latin1"));
  return Buffer.concat([Buffer.from("POST /api/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n"), bytes]);
}

/** Sends the bytes on a connection of their own; resolves when the server answers or closes, or after `RAW_MS`. */
function raw(lab: Lab, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = net.connect(Number(new URL(lab.url).port), "127.0.0.1", () => socket.write(bytes));
    const over = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    };
    const timer = setTimeout(over, RAW_MS);
    socket.on("error", over).on("close", over).on("data", over);
  });
}

async function reset(lab: Lab, text: string): Promise<void> {
  const socket = net.connect(Number(new URL(lab.url).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.write(text, resolve));
  socket.resetAndDestroy();
}

async function slowLoris(lab: Lab, count: number): Promise<string[]> {
  const sockets = Array.from({ length: count }, () => {
    const socket = net.connect(Number(new URL(lab.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX: ");
    return socket;
  });
  for (let second = 0; second < 45 && sockets.some((socket) => !socket.destroyed); second++) {
    for (const socket of sockets) if (!socket.destroyed) socket.write("a");
    await sleep(1_000);
  }
  const open = sockets.filter((socket) => !socket.destroyed);
  for (const socket of open) socket.destroy();
  return open.length > 0 ? [`${open.length} of ${count} slow connections are open after 45 s`] : [];
}

/** The 5 s deadline for a hello, plus slack for a busy machine. */
const HALF_OPEN_MS = 8_000;

/** Unproven connections the pool allows from one address at once. */
const UNPROVEN = 4;

async function neverReady(lab: Lab, people: () => Promise<unknown>, count: number): Promise<string[]> {
  const first = silentSocket("never-ready");
  const sockets = [first, ...Array.from({ length: count - 1 }, () => silentSocket("never-ready", first))];
  for (let at = 0; at < sockets.length; at += UNPROVEN)
    await Promise.all(sockets.slice(at, at + UNPROVEN).map((socket) => socket.prove(lab.url).catch(() => undefined)));
  const newcomer = new PoolSocket({ ...nothing("newcomer"), ...addressOf(200), models: [served()] });
  const refused = await newcomer.join(lab.url).then(
    () => null,
    (error: unknown) => String(error),
  );
  newcomer.hangUp();
  await people();
  await sleep(HALF_OPEN_MS);
  const open = sockets.filter((socket) => socket.isOpen).length;
  for (const socket of sockets) socket.hangUp();
  return [
    ...(refused === null ? [] : [`an honest machine could not join: ${refused}`]),
    ...(open > 0
      ? [`${open} of ${count} sockets are open ${HALF_OPEN_MS / 1000} s later, and never said what they serve`]
      : []),
  ];
}

async function manyNames(lab: Lab, people: () => Promise<unknown>, count: number): Promise<string[]> {
  const sockets = Array.from(
    { length: count },
    (_, at) => new PoolSocket({ ...nothing(`name-${at}`), models: everything() }),
  );
  for (let at = 0; at < sockets.length; at += UNPROVEN)
    await Promise.all(sockets.slice(at, at + UNPROVEN).map((socket) => socket.join(lab.url).catch(() => undefined)));
  const joined = sockets.filter((socket) => socket.isOpen).length;
  await people();
  for (const socket of sockets) socket.hangUp();
  return joined === count ? [`all ${count} names of one address were let in`] : [];
}

const FLOOD_MS = 6_000;
/** More than any honest machine sends in that time: its tokens come at most every few milliseconds a slot. */
const FLOOD_FRAMES_MAX = 60_000;

async function frameFlood(lab: Lab): Promise<string[]> {
  const socket = new PoolSocket({ ...nothing("flood"), ...addressOf(201), models: everything() });
  await socket.join(lab.url);
  let sent = 0;
  for (const until = performance.now() + FLOOD_MS; performance.now() < until && socket.isOpen; await sleep(5)) {
    if (socket.unsentBytes > 1_000_000) continue;
    for (let frame = 0; frame < 500; frame++) socket.send({ type: "heartbeat", running: 0, freeMemoryBytes: 0 });
    sent += 500;
  }
  const stayed = socket.isOpen;
  socket.hangUp();
  return stayed && sent > FLOOD_FRAMES_MAX
    ? [`${sent} frames in ${FLOOD_MS / 1000} s, and the socket was not closed`]
    : [];
}

function nothing(name: string) {
  return { name, onFrame: () => undefined, onClose: () => undefined };
}

function silentSocket(name: string, like?: PoolSocket): PoolSocket {
  return new PoolSocket({ ...nothing(name), models: [], ...(like ? { keys: like.keys } : {}) });
}

async function isHealthyWithin(lab: Lab, limitMs: number): Promise<boolean> {
  for (const giveUpAt = performance.now() + limitMs; performance.now() < giveUpAt; await sleep(250)) {
    const ok = await fetch(`${lab.url}/healthz`, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return true;
  }
  return false;
}

/** Pauses PostgreSQL, as on a machine that swaps: nothing is lost, and nothing answers. */
export async function pausePostgres(lab: Lab, ms: number): Promise<void> {
  const backends = await lab.server.rows<{ pid: number }>("select pid from pg_stat_activity");
  const pids = [lab.server.postgresPid, ...backends.map(({ pid }) => pid)].filter((pid) => pid !== null);
  for (const pid of pids) signal(pid, "SIGSTOP");
  await sleep(ms);
  for (const pid of pids) signal(pid, "SIGCONT");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The backend has ended meanwhile.
  }
}

function clockJump(aheadMs: number): Attack {
  const name = `${aheadMs > 0 ? "+" : "−"}${Math.abs(aheadMs) / 60_000} min`;
  return {
    name: `clock ${name}`,
    finding: "A17",
    tried: `the server's clock is set ${name} while answers are written`,
    midst: true,
    asks: "agent",
    expects: "honest",
    run: async (lab, people) => {
      const set = (ahead: number) => lab.server.ask({ kind: "clock", aheadMs: ahead });
      const faults = await during(people, async () => {
        await sleep(MIDST_MS);
        await set(aheadMs);
        return [];
      });
      await set(0);
      return faults;
    },
  };
}

/** Time in which a server that does not wait for the first one comes up. */
const SECOND_START_MS = 15_000;

async function secondServer(lab: Lab, people: () => Promise<unknown>): Promise<string[]> {
  const home = await mkdtemp(path.join(os.tmpdir(), "starai-second-"));
  const database = path.join(lab.home, "database");
  const password = await readFile(path.join(database, "password"), "utf8");
  const socket = encodeURIComponent(path.join(database, "socket"));
  const databaseUrl = `postgresql://starai:${password}@localhost/postgres?host=${socket}`;
  const second = AttackedServer.launch({ home, port: 0, databaseUrl, limits: {}, without: [] });
  const up = Promise.race([second.ready.catch(() => undefined), sleep(SECOND_START_MS)]).then(() => "up" as const);
  do await people();
  while ((await Promise.race([up, sleep(0)])) !== "up");
  await people();
  await second.kill();
  await rm(home, { recursive: true, force: true });
  return [];
}
