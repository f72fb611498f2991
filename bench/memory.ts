/**
 * Memory as it is predicted before a model is loaded, against what llama.cpp reports when it is: for each device, with both
 * drivers, and for the model split over two layer servers. Nothing is computed, so a build may lack this processor's code.
 * `npm run bench -- memory [model…]`
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { getLlama, GgmlType, LlamaLogLevel } from "node-llama-cpp";
import type { Llama, LlamaModel } from "node-llama-cpp";
import { modelsFolder } from "@starai/protocol/cache-folder";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { partBytes } from "@starai/protocol/model-memory";
import { BATCH_TOKENS } from "@starai/worker/engines/llama/fit";
import { ensureBuild } from "@starai/worker/engines/llama-server/build";
import { ensureModel } from "@starai/worker/models/ensure-model";
import { readShape } from "@starai/worker/models/read-shape";
import type { FileShape } from "@starai/worker/models/read-shape";
import { catalogued } from "@starai/worker/open-engines";
import { answers, freePort } from "@starai/worker/split/local-port";

const MODELS = ["qwen2.5-coder-1.5b", "qwen2.5-coder-0.5b", "smollm2-135m"];
/** An architecture that no file is here of: predicted from its publisher's config alone. */
const UNSEEN = "qwen3-4b-instruct-2507";
const LOAD_MAX_MS = 120_000;
const LOOK_MS = 100;
/** From here on llama.cpp says what it reserves. */
const VERBOSITY = "4";
const MIB = 1_024 ** 2;

interface SetUp {
  contextTokens: number;
  slots: number;
  kvType: "f16" | "q8_0";
  batchTokens: number;
}
interface Bytes {
  weights: number;
  kv: number;
  compute: number;
}
interface Subject {
  model: CatalogueModel;
  file: string;
  shape: FileShape;
}

const BUILT_IN: readonly SetUp[] = [
  { contextTokens: 2_048, slots: 1, kvType: "f16", batchTokens: BATCH_TOKENS },
  { contextTokens: 8_192, slots: 2, kvType: "f16", batchTokens: BATCH_TOKENS },
  { contextTokens: 8_192, slots: 2, kvType: "q8_0", batchTokens: BATCH_TOKENS },
];
const SERVER: readonly SetUp[] = [
  { contextTokens: 2_048, slots: 1, kvType: "f16", batchTokens: BATCH_TOKENS },
  { contextTokens: 8_192, slots: 4, kvType: "q8_0", batchTokens: 64 },
];
/** Layers of the first node, in part of all. */
const SPLITS: readonly { first: number; setUp: SetUp }[] = [
  { first: 1 / 2, setUp: { contextTokens: 4_096, slots: 2, kvType: "f16", batchTokens: BATCH_TOKENS } },
  { first: 5 / 7, setUp: { contextTokens: 2_048, slots: 1, kvType: "f16", batchTokens: 256 } },
];

export async function measureMemory(words: readonly string[]): Promise<string[]> {
  const folder = modelsFolder(process.env, os.homedir());
  const llamaCppFolder = process.env.STARAI_LLAMA_CPP ?? null;
  const config = { home: path.join(os.tmpdir(), "starai-bench-memory"), modelsFolder: folder, llamaCppFolder };
  const build = await ensureBuild(config, { say: console.error, signal: new AbortController().signal });
  const logLevel = LlamaLogLevel.debug;
  const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, logLevel });
  const builtIn = new BuiltIn(llama);
  const rows: string[] = [];
  for (const id of words.length > 0 ? words : MODELS) {
    const model = catalogued(id);
    const file = await ensureModel(model, folder);
    const shape = await readShape(file);
    if (!shape) throw new Error(`${id} has no shape: it is served whole only`);
    const subject = { model, file, shape };
    rows.push(...(await builtInRows(builtIn, subject)), ...(await serverRows(subject, build.folder)));
  }
  return [
    'MiB; reported: the sum of llama.cpp\'s own "buffer size" lines for the device. The weights of one machine are its mapped file',
    "and the copy that it repacks; of a group's machines, their layers. Set-ups are context × slots, cache, tokens read at once.",
    "",
    "| model | engine, set-up | device | weights | cache | compute | predicted | reported | ratio |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    ...unseenRows(),
  ];
}

/** The built-in engine with what it says; one for all models, as it says it to the first that asked. */
class BuiltIn {
  log = "";
  readonly #llama: Llama;

  constructor(llama: Llama) {
    this.#llama = llama;
    llama.logger = (_level, text) => void (this.log += `${text}\n`);
  }

  async load(modelPath: string): Promise<LlamaModel> {
    this.log = "";
    return await this.#llama.loadModel({ modelPath });
  }
}

async function builtInRows(builtIn: BuiltIn, { model, file, shape }: Subject): Promise<string[]> {
  const loaded = await builtIn.load(file);
  const weightsLog = builtIn.log;
  const rows: string[] = [];
  for (const setUp of BUILT_IN) {
    builtIn.log = weightsLog;
    const kvType = setUp.kvType === "q8_0" ? GgmlType.Q8_0 : GgmlType.F16;
    const context = await loaded.createContext({
      sequences: setUp.slots,
      contextSize: setUp.contextTokens,
      batchSize: setUp.batchTokens,
      ...(setUp.kvType === "q8_0" ? { flashAttention: true } : {}),
      experimentalKvCacheKeyType: kvType,
      experimentalKvCacheValueType: kvType,
      failedCreationRemedy: false,
    });
    // Its messages come a moment after what they are about.
    await wait(LOOK_MS * 5);
    const all = { first: 0, count: shape.shape.layers };
    const predicted = predict(
      { model, shape },
      { ...all, holdsOutput: true, isRepacked: true },
      setUp,
      setUp.batchTokens,
    );
    rows.push(rowOf(model.id, `built-in, ${wordsOf(setUp)}`, "CPU", predicted, sumOf(reportOf(builtIn.log))));
    await context.dispose();
  }
  await loaded.dispose();
  return rows;
}

async function serverRows(subject: Subject, folder: string): Promise<string[]> {
  const { model, shape } = subject;
  const { layers } = shape.shape;
  const rows: string[] = [];
  for (const setUp of SERVER) {
    const reported = await runServer(subject, folder, setUp, []);
    const predicted = predict(subject, { first: 0, count: layers, holdsOutput: true, isRepacked: true }, setUp);
    rows.push(rowOf(model.id, `llama-server, ${wordsOf(setUp)}`, "CPU", predicted, sumOf(reported)));
  }
  for (const { first: share, setUp } of SPLITS) {
    const first = Math.round(layers * share);
    const counts = [first, layers - first];
    const reported = await runServer(subject, folder, setUp, counts);
    const parts = [
      ["head", { first: 0, count: 0, holdsOutput: true, isRepacked: false }],
      ["node 1", { first: 0, count: first, holdsOutput: false, isRepacked: false }],
      ["node 2", { first, count: layers - first, holdsOutput: false, isRepacked: false }],
    ] as const;
    for (const [device, part] of parts) {
      const found = reported.filter((buffer) => buffer.device === device);
      const words = `llama-server, ${counts.join(" + ")} layers, ${wordsOf(setUp)}`;
      rows.push(rowOf(model.id, words, device, predict(subject, part, setUp), sumOf(found)));
    }
  }
  return rows;
}

interface Part {
  first: number;
  count: number;
  holdsOutput: boolean;
  /** Whether the processor repacks weights: over RPC it does not. */
  isRepacked: boolean;
}

function predict(
  { model, shape }: Pick<Subject, "model" | "shape">,
  { first, count, holdsOutput, isRepacked }: Part,
  setUp: SetUp,
  outputTokens = setUp.slots,
): Bytes {
  const input = { shape: shape.shape, kvBytesPerToken: model.kvBytesPerToken, layers: count, holdsOutput };
  const { kv, compute } = partBytes({ ...input, ...setUp, outputTokens });
  const ends = partBytes({ ...input, layers: 0, ...setUp }).weights;
  const layers = shape.bytesOfLayers.slice(first, first + count).reduce((sum, bytes) => sum + bytes, 0);
  const repacked = isRepacked && process.arch === "x64" ? shape.repackedBytes : 0;
  return { weights: layers + ends + repacked, kv, compute };
}

function unseenRows(): string[] {
  const model = catalogued(UNSEEN);
  const { shape, kvBytesPerToken } = model;
  if (!shape) return [];
  const [setUp] = SERVER;
  if (!setUp) return [];
  const whole = partBytes({ shape, kvBytesPerToken, layers: shape.layers, holdsOutput: true, ...setUp });
  return [
    rowOf(
      UNSEEN,
      `llama-server, ${wordsOf(setUp)}`,
      "CPU, from its config alone, without a repacked copy",
      whole,
      null,
    ),
  ];
}

interface Buffer {
  device: string;
  kind: keyof Bytes;
  bytes: number;
}

/** Loads the model, over two layer servers where `counts` says their layers, and ends it when it says what it has reserved. */
async function runServer(
  { file, shape }: Subject,
  folder: string,
  { contextTokens, slots, kvType, batchTokens }: SetUp,
  counts: readonly number[],
): Promise<Buffer[]> {
  const ports = await Promise.all(counts.map(freePort));
  const nodes = ports.map((port) =>
    start(folder, "ggml-rpc-server", ["-H", "127.0.0.1", "-p", String(port), "-d", "CPU"]),
  );
  const own = ["--model", file, "--host", "127.0.0.1", "--port", "0", "--offline", "--no-webui", "--no-warmup"];
  const sizes = ["--ctx-size", contextTokens * slots, "--parallel", slots, "--batch-size", batchTokens];
  const more = ["--ubatch-size", batchTokens, "--cache-ram", 0, "-lv", VERBOSITY, "--fit", "off", "--no-kv-unified"];
  const cache = [
    "--cache-type-k",
    kvType,
    "--cache-type-v",
    kvType,
    ...(kvType === "q8_0" ? ["--flash-attn", "on"] : []),
  ];
  // The last machine counts the output as a layer; it is sent to the head by name.
  const split = [...counts.slice(0, -1), (counts.at(-1) ?? 0) + 1].join(",");
  const output = shape.shape.embeddingBytes === undefined ? "^token_embd\\.weight=CPU" : "^output\\.weight=CPU";
  const rpc = [
    "-ngl",
    "99",
    "--rpc",
    ports.map((port) => `127.0.0.1:${port}`).join(","),
    "--tensor-split",
    split,
    "-ot",
    output,
  ];
  const place = counts.length > 0 ? rpc : ["--device", "none", "--gpu-layers", "0"];
  await Promise.all(ports.map(listening));
  const head = start(folder, "llama-server", [...own, ...[...sizes, ...more, ...cache, ...place].map(String)]);
  try {
    return reportOf(await said(head, /model loaded|listening on/), ports);
  } finally {
    for (const { child } of [head, ...nodes]) child.kill("SIGKILL");
    await Promise.all([head, ...nodes].map(async ({ ended }) => await ended));
  }
}

/** A layer server's own words come late: they wait in its buffer. */
async function listening(port: number): Promise<void> {
  for (const until = performance.now() + LOAD_MAX_MS; performance.now() < until; await wait(LOOK_MS)) {
    if (await answers(port)) return;
  }
  throw new Error("a layer server does not start");
}

interface Program {
  child: ChildProcess;
  log: () => string;
  ended: Promise<unknown>;
}

function start(folder: string, name: string, args: readonly string[]): Program {
  const env = { PATH: process.env.PATH, LD_LIBRARY_PATH: folder, DYLD_LIBRARY_PATH: folder };
  const child = spawn(path.join(folder, name), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (log += text));
  return { child, log: () => log, ended: once(child, "exit") };
}

async function said({ child, log }: Program, words: RegExp): Promise<string> {
  const until = performance.now() + LOAD_MAX_MS;
  while (!words.test(log())) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > until)
      throw new Error(`${child.spawnfile} does not start: ${log().slice(-300)}`);
    await wait(LOOK_MS);
  }
  return log();
}

/** llama.cpp's lines about buffers, with what they are on: this machine's processor, or a node's. */
function reportOf(log: string, ports: readonly number[] = []): Buffer[] {
  const kinds = { model: "weights", KV: "kv", compute: "compute", output: "compute" } as const;
  const lines = log.matchAll(/(CPU\w*|RPC\d+\[[\d.:]+\])\s+(model|KV|compute|output) buffer size =\s+([\d.]+) MiB/g);
  return [...lines].map(([, name = "", kind = "", mib]) => {
    const node = ports.findIndex((port) => name.endsWith(`:${port}]`));
    return {
      device: node < 0 ? "head" : `node ${node + 1}`,
      kind: kinds[kind as keyof typeof kinds],
      bytes: Number(mib) * MIB,
    };
  });
}

function sumOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { bytes }) => sum + bytes, 0);
}

function rowOf(
  id: string,
  engine: string,
  device: string,
  { weights, kv, compute }: Bytes,
  reported: number | null,
): string {
  const predicted = weights + kv + compute;
  const [told, ratio] = reported === null ? ["–", "–"] : [mib(reported), (predicted / reported).toFixed(3)];
  return `| ${id} | ${engine} | ${device} | ${mib(weights)} | ${mib(kv)} | ${mib(compute)} | ${mib(predicted)} | ${told} | ${ratio} |`;
}

const mib = (bytes: number) => (bytes / MIB).toFixed(1);
const wordsOf = ({ contextTokens, slots, kvType, batchTokens }: SetUp) =>
  `${contextTokens} × ${slots} ${kvType}, ${batchTokens}`;
