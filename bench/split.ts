/**
 * Measures what lies between a head and its two nodes on one machine: raw RPC against our tunnels, at added round trips.
 * `npm run bench -- split [rounds without delay] [rounds with] [added ms,…]`
 */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import { ensureBuild } from "@starai/worker/engines/llama-server/build";
import type { Build } from "@starai/worker/engines/llama-server/build";
import { complete, tokenize } from "@starai/worker/engines/llama-server/server-api";
import type { ServerEndpoint } from "@starai/worker/engines/llama-server/server-api";
import { serverDriver } from "@starai/worker/engines/llama-server/server-driver";
import { ServerProcess } from "@starai/worker/engines/llama-server/server-process";
import { startLlamaEngine } from "@starai/worker/engines/llama/llama-engine";
import { ensureModel } from "@starai/worker/models/ensure-model";
import { catalogued } from "@starai/worker/open-engines";
import { startRpcServer } from "@starai/worker/split/rpc-server";
import type { RpcServer } from "@starai/worker/split/rpc-server";
import { pino } from "pino";
import { openNodeWay, openRelayPort } from "../sandbox/src/testing/loopback-group.ts";
import type { RelayForm } from "../sandbox/src/testing/loopback-group.ts";
import { STORY } from "./answer.ts";
import { openDelayProxy } from "./delay-proxy.ts";
import { median, medianInterval } from "./median.ts";

const ROUNDS = 15;
const ROUNDS_DELAYED = 5;
const ADDED_MS = [5, 20, 50];
const TOKENS = 24;
const SLOTS = 4;
const NODES = 2;
const CONTEXT_TOKENS = 1_024;
const NODE_BYTES = 1_500_000_000;
/** What a token takes there and back for one node, as counted on the default model. */
const PING = { up: 9_000, down: 6_200, rounds: 400, roundsDelayed: 40 };
const FREEZE_WAIT_MS = 60_000;
const SETTINGS = { n_predict: TOKENS, temperature: 0, top_p: 1, seed: 7, banned: [], ignore_eos: true };
const log = pino({ level: "silent" });

interface Setting {
  build: Build;
  file: string;
  id: string;
}

type Way = "raw" | "tunnel";
const WAYS: readonly Way[] = ["raw", "tunnel"];

interface Group {
  endpoint: ServerEndpoint;
  close(): Promise<void>;
}

/** Tokens a second of each round, by added delay, way and streams. */
type Rates = Map<string, number[]>;
const keyOf = (added: number, way: Way, streams: number) => `${added} ${way} ${streams}`;

export async function measureSplit(words: readonly string[]): Promise<string[]> {
  const rounds = Number(words[0] ?? ROUNDS);
  const delayed = Number(words[1] ?? ROUNDS_DELAYED);
  const added = words[2]?.split(",").map(Number) ?? ADDED_MS;
  const before = os.loadavg()[0] ?? 0;
  const setting = await openSetting();
  const trips = {
    raw: await pingRaw(),
    raw_upgrade: await pingTunnel("raw"),
    websocket: await pingTunnel("websocket"),
  };
  const delays = new Map<number, number>([[0, trips.raw]]);
  for (const ms of added) delays.set(ms, await pingDelayed(ms));
  const rates: Rates = new Map();
  await measureRates(setting, rates, { added: [0], rounds, hasProxy: false });
  await measureRates(setting, rates, { added, rounds: delayed, hasProxy: true });
  const faults = [await faultMs(setting, "SIGKILL"), await faultMs(setting, "SIGSTOP")];
  const after = os.loadavg()[0] ?? 0;
  const isBusy = Math.max(before, after) > 4;
  return [
    `Model ${setting.id} over ${NODES} nodes on loopback, one thread each, ${TOKENS} tokens a stream; ${rounds} pairs in turn without delay, ${delayed} with. Load average ${before.toFixed(1)} before, ${after.toFixed(1)} after${isBusy ? ": UNDER LOAD, no result" : ""}.`,
    "Entry, relay and exit run in one process; the delay is a proxy's before each layer server, on both ways.",
    "",
    "| a node's round trip (9.0 kB there, 6.2 kB back) | median |",
    "|---|---|",
    `| raw TCP | ${trips.raw.toFixed(3)} ms |`,
    `| tunnel, raw after the upgrade | ${trips.raw_upgrade.toFixed(3)} ms |`,
    `| tunnel in WebSocket frames | ${trips.websocket.toFixed(3)} ms |`,
    "",
    "| added round trip | streams | raw RPC | tunnel | tunnel ÷ raw (95 % interval) |",
    "|---|---|---|---|---|",
    ...[0, ...added].flatMap((ms) => [1, SLOTS].map((streams) => rateRow(rates, ms, streams))),
    "",
    ...ruleRows(rates, delays),
    "",
    ...added.map((ms) => batchRow(rates, ms)),
    `A node killed: the answer ends after ${faults[0]}. A node frozen: after ${faults[1]} (the worker's watchdog).`,
  ];
}

async function openSetting(): Promise<Setting> {
  const folder = modelsFolder(process.env, os.homedir());
  const llamaCppFolder = process.env.STARAI_LLAMA_CPP ?? null;
  const config = { home: path.join(os.tmpdir(), "starai-bench-split"), modelsFolder: folder, llamaCppFolder };
  const build = await ensureBuild(config, { say: console.error, signal: new AbortController().signal });
  return { build, file: await ensureModel(catalogued(DEFAULT_MODEL), folder), id: DEFAULT_MODEL };
}

/** Each pair runs both ways, in another order every time: a neighbour's load meets both. */
async function measureRates(
  setting: Setting,
  rates: Rates,
  { added, rounds, hasProxy }: { added: readonly number[]; rounds: number; hasProxy: boolean },
): Promise<void> {
  const delay = hasProxy ? { ms: 0 } : null;
  const groups = { raw: await openGroup(setting, "raw", delay), tunnel: await openGroup(setting, "tunnel", delay) };
  try {
    for (const ms of added) {
      if (delay) delay.ms = ms;
      for (let round = 0; round < rounds; round++) {
        console.error(`added ${ms} ms: round ${round + 1} of ${rounds}`);
        for (const streams of [1, SLOTS])
          for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
            const key = keyOf(ms, way, streams);
            rates.set(key, [...(rates.get(key) ?? []), await tokensPerS(groups[way].endpoint, { streams, round })]);
          }
      }
    }
  } finally {
    await groups.raw.close();
    await groups.tunnel.close();
  }
}

async function tokensPerS(
  endpoint: ServerEndpoint,
  { streams, round }: { streams: number; round: number },
): Promise<number> {
  let [first, tokens] = [Infinity, 0];
  const stream = async (at: number) => {
    const prompt = await tokenize(endpoint, `${round}.${at} ${STORY}`, false);
    for await (const chunk of complete(endpoint, { ...SETTINGS, prompt }, new AbortController().signal)) {
      if (chunk.tokens.length === 0) continue;
      first = Math.min(first, performance.now());
      tokens += chunk.tokens.length;
    }
  };
  await Promise.all(Array.from({ length: streams }, (_, at) => stream(at)));
  return tokens / ((performance.now() - first) / 1_000);
}

async function openGroup(setting: Setting, way: Way, delay: { ms: number } | null): Promise<Group> {
  const { build, file } = setting;
  const parts = await openNodes(setting, way, delay);
  const setUp = {
    folder: build.folder,
    model: file,
    contextTokens: CONTEXT_TOKENS,
    slots: SLOTS,
    kvType: "f16",
  } as const;
  const rpc = { endpoints: parts.endpoints, layers: [0, 14, 14] };
  const server = new ServerProcess({ ...setUp, threads: 1, batchTokens: 512, gpu: false, rpc });
  const close = async () => {
    await server.end();
    await parts.close();
  };
  return { endpoint: await server.ready(), close };
}

async function openNodes({ build, file }: Setting, way: Way, delay: { ms: number } | null) {
  const relay = await openRelayPort();
  const closers: (() => Promise<unknown>)[] = [async () => await relay[Symbol.asyncDispose]()];
  const nodes: RpcServer[] = [];
  const endpoints: string[] = [];
  for (let at = 0; at < NODES; at++) {
    const node = await startRpcServer({
      folder: build.folder,
      threads: 1,
      memoryBytes: NODE_BYTES,
      device: "CPU",
      log,
    });
    const proxy = delay && (await openDelayProxy(node.port, delay));
    const rpcPort = proxy?.port ?? node.port;
    const tunnel = way === "tunnel" ? await openNodeWay(relay, { rpcPort, file }) : null;
    nodes.push(node);
    endpoints.push(`127.0.0.1:${tunnel?.entry.port ?? rpcPort}`);
    closers.unshift(
      async () => await tunnel?.[Symbol.asyncDispose](),
      async () => await proxy?.close(),
      async () => await node.end(),
    );
  }
  const close = async () => {
    for (const one of closers) await one();
  };
  return { nodes, endpoints, close };
}

/** Until the worker's engine tells that the answer has ended, after a signal to a node in the middle of it. */
async function faultMs(setting: Setting, signal: "SIGKILL" | "SIGSTOP"): Promise<string> {
  const parts = await openNodes(setting, "tunnel", null);
  const model = catalogued(setting.id);
  const { sha256, template } = model;
  const shape = { contextTokens: CONTEXT_TOKENS, slots: 1, threads: 1, kvType: "f16", gpu: false } as const;
  const speeds = { threads: 1, prefillTokensPerS: 20, decodeTokensPerS: 10, busy: false };
  const engine = await startLlamaEngine({
    driver: serverDriver(setting.build, { endpoints: parts.endpoints, layers: [0, 14, 14] }),
    model,
    load: { path: setting.file, sha256, template, ...shape, speeds, prefixFolder: null },
    threadChoices: [1],
    logger: log,
  });
  const job = {
    turns: [{ role: "user" as const, content: STORY }],
    committed: { text: "", tokens: [] },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 7 },
    maxTokens: 400,
    cacheKey: "bench",
  };
  let [at, tokens] = [0, 0];
  const read = async () => {
    for await (const event of engine.generate(job, AbortSignal.timeout(FREEZE_WAIT_MS))) {
      if (event.kind === "tokens") tokens += event.tokens?.length ?? 0;
      if (tokens < 8 || at > 0) continue;
      at = performance.now();
      process.kill(-(parts.nodes[1]?.pid ?? 0), signal);
    }
  };
  const why = await read().then(
    () => "it ended as if nothing were",
    (error: unknown) => String(error).slice(0, 80),
  );
  const ms = performance.now() - at;
  await engine.close();
  await parts.close();
  return `${(ms / 1_000).toFixed(2)} s (${why})`;
}

async function openPong() {
  const server = createServer({ noDelay: true }, (socket) => {
    let had = 0;
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      had += bytes.length;
      for (; had >= PING.up; had -= PING.up) socket.write(Buffer.alloc(PING.down, 1));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

async function pingRaw(): Promise<number> {
  const pong = await openPong();
  const ms = await pings(pong.port);
  pong.close();
  return ms;
}

async function pingDelayed(ms: number): Promise<number> {
  const pong = await openPong();
  const proxy = await openDelayProxy(pong.port, { ms });
  const took = await pings(proxy.port, PING.roundsDelayed);
  await proxy.close();
  pong.close();
  return took;
}

async function pingTunnel(form: RelayForm): Promise<number> {
  const pong = await openPong();
  await using relay = await openRelayPort(form);
  // No model's file: the bytes are no weights.
  await using way = await openNodeWay(relay, { rpcPort: pong.port, file: import.meta.filename });
  const ms = await pings(way.entry.port);
  pong.close();
  return ms;
}

async function pings(port: number, rounds = PING.rounds): Promise<number> {
  const socket: Socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    let had = 0;
    const back = new Promise<void>((resolve) => {
      const take = (bytes: Buffer) => {
        had += bytes.length;
        if (had < PING.down) return;
        socket.off("data", take);
        resolve();
      };
      socket.on("data", take);
    });
    socket.write(Buffer.alloc(PING.up, 1));
    await back;
    times.push(performance.now() - began);
  }
  socket.destroy();
  return median(times);
}

const ratesOf = (rates: Rates, added: number, way: Way, streams: number) => rates.get(keyOf(added, way, streams)) ?? [];

function rateRow(rates: Rates, added: number, streams: number): string {
  const [raw, tunnel] = [ratesOf(rates, added, "raw", streams), ratesOf(rates, added, "tunnel", streams)];
  const ratios = tunnel.map((rate, round) => rate / (raw[round] ?? rate));
  const [low, high] = medianInterval(ratios);
  const ratio = `${median(ratios).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
  return `| ${added} ms | ${streams} | ${median(raw).toFixed(1)} t/s | ${median(tunnel).toFixed(1)} t/s | ${ratio} |`;
}

/**
 * A token takes what it computes and so many round trips: fitted on raw RPC, and held against both ways.
 * @param delays  the round trip that was measured with each added one: the proxy's timers and a busy machine add theirs
 */
function ruleRows(rates: Rates, delays: ReadonlyMap<number, number>): string[] {
  const pointsOf = (way: Way) =>
    Array.from(delays, ([added, ms]) => ({ ms, took: 1_000 / median(ratesOf(rates, added, way, 1)) }));
  const points = pointsOf("raw");
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [middleMs, middleTook] = [mean(({ ms }) => ms), mean(({ took }) => took)];
  const spread = mean(({ ms }) => (ms - middleMs) ** 2);
  const trips = mean(({ ms, took }) => (ms - middleMs) * (took - middleTook)) / spread;
  const computing = middleTook - trips * middleMs;
  const worst = (way: Way) => {
    const errors = pointsOf(way).map(({ ms, took }) => Math.abs((computing + trips * ms) / took - 1));
    return `${(100 * Math.max(...errors)).toFixed(0)} %`;
  };
  const measured = Array.from(delays.values(), (ms) => ms.toFixed(1)).join(", ");
  return [
    `One stream: a token takes ${computing.toFixed(0)} ms and ${trips.toFixed(1)} round trips (${(trips / NODES).toFixed(1)} a node), fitted on raw RPC against the round trips that were measured (${measured} ms). The rule misses by ${worst("raw")} at most there, by ${worst("tunnel")} through the tunnel.`,
  ];
}

function batchRow(rates: Rates, added: number): string {
  const [one, four] = [ratesOf(rates, added, "tunnel", 1), ratesOf(rates, added, "tunnel", SLOTS)];
  const [low, high] = medianInterval(four.map((rate, round) => rate / (one[round] ?? rate)));
  const ratio = median(four.map((rate, round) => rate / (one[round] ?? rate)));
  return `At ${added} ms, ${SLOTS} streams through the tunnel write ${ratio.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}) times as fast as one.`;
}
