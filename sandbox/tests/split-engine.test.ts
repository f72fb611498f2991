/**
 * llama.cpp's own head and layer servers, with our tunnels between them. It belongs to the long tests. Skipped, with a line
 * that says why, where the build or the model cannot be had.
 */
import { chmod, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pino } from "pino";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { ensureBuild } from "@starai/worker/engines/llama-server/build";
import { complete, tokenize } from "@starai/worker/engines/llama-server/server-api";
import type { ServerEndpoint } from "@starai/worker/engines/llama-server/server-api";
import { ServerProcess } from "@starai/worker/engines/llama-server/server-process";
import type { ServerOptions } from "@starai/worker/engines/llama-server/server-process";
import { catalogued } from "@starai/worker/open-engines";
import { startRpcServer } from "@starai/worker/split/rpc-server";
import type { RpcServer } from "@starai/worker/split/rpc-server";
import { openNodeWay, openRelayPort } from "../src/testing/loopback-group.ts";
import type { NodeWay, RelayPort } from "../src/testing/loopback-group.ts";

/** The smallest of the catalogue whose format the published build computes on every processor. */
const MODEL = "qwen2.5-coder-1.5b";
const LAYERS = 28;
const PROMPTS = ["The capital of France is a city that", "def fibonacci(n):", "Сказка начинается так:"];
const NODE_BYTES = 1_000_000_000;
const log = pino({ level: "silent" });

async function find(): Promise<{ folder: string; file: string } | string> {
  if (process.env["LONG_TESTS"] !== "1") return "it belongs to `npm run test:long`";
  const models = modelsFolder(process.env, os.homedir());
  const file = path.join(models, catalogued(MODEL).file);
  if (!(await stat(file).catch(() => null))) return `${MODEL} is not here`;
  const config = { home: os.tmpdir(), modelsFolder: models, llamaCppFolder: process.env["STARAI_LLAMA_CPP"] ?? null };
  return await ensureBuild(config, { say: console.log, signal: AbortSignal.timeout(120_000) }).then(
    ({ folder }) => ({ folder, file }),
    String,
  );
}

const found = await find();
if (typeof found === "string") console.log(`the engine's own tunnels are not tested here: ${found}`);

describe.skipIf(typeof found === "string")("a model over two layer servers", () => {
  const { folder, file } = found as Exclude<typeof found, string>;
  const setUp = {
    folder,
    model: file,
    contextTokens: 512,
    slots: 1,
    kvType: "f16",
    threads: 1,
    batchTokens: 512,
    gpu: false,
  } as const;
  let relay: RelayPort;
  let nodes: RpcServer[];
  let ways: NodeWay[];

  beforeAll(async () => {
    relay = await openRelayPort();
    await start();
  });
  afterAll(async () => {
    await stop();
    await relay[Symbol.asyncDispose]();
  });

  async function start(memoryBytes = NODE_BYTES): Promise<void> {
    const options = { folder, threads: 1, memoryBytes, device: "CPU", log };
    nodes = [await startRpcServer(options), await startRpcServer(options)];
    ways = await Promise.all(nodes.map(async ({ port }) => await openNodeWay(relay, { rpcPort: port, file })));
  }
  async function stop(): Promise<void> {
    for (const way of ways) await way[Symbol.asyncDispose]();
    for (const node of nodes) await node.end();
  }
  const endpoints = () => ways.map(({ entry }) => `127.0.0.1:${entry.port}`);

  /** Runs a server and ends it, whatever comes of it. */
  async function withServer(
    over: Partial<ServerOptions>,
    use: (server: ServerProcess) => Promise<void>,
  ): Promise<void> {
    const server = new ServerProcess({ ...setUp, ...over });
    try {
      await use(server);
    } finally {
      await server.end();
    }
  }
  const withHead = async (use: (server: ServerProcess) => Promise<void>) =>
    await withServer({ rpc: { endpoints: endpoints(), layers: [0, 14, LAYERS - 14] } }, use);

  test("answers with the ids of the whole model on one machine, and sends next to nothing of its weights", async () => {
    const plain = await plainFolder(folder);
    let expected: number[][] = [];
    await withServer({ folder: plain }, async (alone) => void (expected = await idsOf(await alone.ready())));
    for (const layers of [
      [0, 14, LAYERS - 14],
      [9, 11, LAYERS - 20],
    ]) {
      const before = ways.map(({ entry }) => ({ ...entry.bytes }));
      await withServer({ folder: plain, rpc: { endpoints: endpoints(), layers } }, async (server) => {
        const endpoint = await server.ready();
        for (const [at, { entry }] of ways.entries()) {
          const [raw, sent] = [entry.bytes.raw - (before[at]?.raw ?? 0), entry.bytes.sent - (before[at]?.sent ?? 0)];
          expect(raw).toBeGreaterThan(100_000_000);
          expect(sent / raw).toBeLessThan(0.05);
        }
        expect(await idsOf(endpoint)).toEqual(expected);
      });
    }
    await rm(plain, { recursive: true });
  }, 180_000);

  test("is not up when one of them cannot be reached, though the head alone could hold it", async () => {
    await ways[1]?.entry.close();
    await withHead(async (head) => await expect(head.ready()).rejects.toThrow(/Failed to connect to 127/));
    await stop();
    await start();
  }, 120_000);

  test("is not up when one of them may not take its part, which says so", async () => {
    await stop();
    // 256 MiB of its own and next to nothing for its layers, which need 390 MB.
    await start(16 * 1024 ** 2);
    await withHead(async (head) => await expect(head.ready()).rejects.toThrow(/failed to allocate RPC0/));
    await stop();
    await start();
  }, 120_000);

  test("ends its answer within three seconds when one of them is killed", async () => {
    await withHead(async (head) => {
      const endpoint = await head.ready();
      const prompt = await tokenize(endpoint, PROMPTS[0] ?? "", false);
      const request = { prompt, n_predict: 400, temperature: 0, top_p: 1, seed: 1, banned: [], ignore_eos: true };
      let killedAt = 0;
      let tokens = 0;
      let isWhole = false;
      const reading = async () => {
        for await (const chunk of complete(endpoint, request, new AbortController().signal)) {
          tokens += chunk.tokens.length;
          isWhole = chunk.stop_type !== undefined;
          if (tokens < 4 || killedAt > 0) continue;
          killedAt = performance.now();
          process.kill(-(nodes[1]?.pid ?? 0), "SIGKILL");
        }
      };
      // It may just be over, without its last word.
      await reading().catch(() => {});
      expect({ isWhole, isShort: tokens < 100 }).toEqual({ isWhole: false, isShort: true });
      expect(performance.now() - killedAt).toBeLessThan(3_000);
      expect(await nodes[1]?.ended).toContain("SIGKILL");
    });
  }, 120_000);
});

/** A build whose server keeps the weights as they are in the file, as layer servers do: then sums are equal to the last bit. */
async function plainFolder(folder: string): Promise<string> {
  const plain = await mkdtemp(path.join(os.tmpdir(), "starai-plain-"));
  const script = `#!/bin/sh\nLD_LIBRARY_PATH='${folder}' exec '${folder}/llama-server' "$@" --no-repack\n`;
  await writeFile(path.join(plain, "llama-server"), script);
  await chmod(path.join(plain, "llama-server"), 0o755);
  return plain;
}

async function idsOf(endpoint: ServerEndpoint): Promise<number[][]> {
  const all: number[][] = [];
  for (const text of PROMPTS) {
    const ids: number[] = [];
    const prompt = await tokenize(endpoint, text, false);
    const request = { prompt, n_predict: 12, temperature: 0, top_p: 1, seed: 1, banned: [], ignore_eos: true };
    for await (const chunk of complete(endpoint, request, new AbortController().signal)) ids.push(...chunk.tokens);
    all.push(ids);
  }
  return all;
}
