/**
 * A real group: a head and two layer nodes, each a daemon of its own that no model fits alone, with a real build. A played
 * pool for each of them passes on what they say; the head reaches the nodes directly, as in one network. It belongs to the
 * long tests, and is skipped with a line that says why where the build or the model cannot be had.
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import type { GroupFrame } from "@starai/protocol/split";
import type { Lease } from "@starai/protocol/worker-frames";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startWorker } from "../daemon.ts";
import type { Worker } from "../daemon.ts";
import { startLlamaEngine } from "../engines/llama/llama-engine.ts";
import { hasBuild, ensureBuild } from "../engines/llama-server/build.ts";
import { serverDriver } from "../engines/llama-server/server-driver.ts";
import { catalogued } from "../open-engines.ts";
import { leaseOf, TestPool } from "../testing/pool.ts";
import { silent } from "../testing/worker-home.ts";
import { privateAddresses } from "./private-network.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const folder = modelsFolder(process.env, homedir());
const model = catalogued(DEFAULT_MODEL);
const LAYERS = 28;
/** Far less than the model. */
const MEMORY_BYTES = 700e6;

interface Machine {
  name: string;
  pool: TestPool;
  worker: Worker;
}

function lease(over: Partial<Lease> = {}): Lease {
  return leaseOf("Write a line of a poem about the sea.", { model: model.id, maxTokens: 24, ...over });
}

/** Layer servers of this test's nodes. */
async function layerServers(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map(async (pid) => ({ pid, line: await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") })),
  );
  return lines.flatMap(({ pid, line }) => (/^[^\0]*ggml-rpc-server\0/.test(line) ? [Number(pid)] : []));
}

async function missing(): Promise<string | null> {
  if (!isLong) return "they belong to `npm run test:long`";
  if (!(await stat(join(folder, model.file)).catch(() => null))) return `${model.id} is not here`;
  if (privateAddresses().length === 0) return "this machine has no address in a local network";
  const config = { home: tmpdir(), modelsFolder: folder, llamaCppFolder: process.env["STARAI_LLAMA_CPP"] ?? null };
  return (await hasBuild(config)) ? null : "there is no build of llama.cpp here";
}

const why = await missing();
if (why !== null) console.log(`tests of a real group are skipped: ${why}`);

describe.skipIf(why !== null)("a model over three machines", () => {
  let home: string;
  let machines: Machine[];

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "starai-group-"));
    machines = await Promise.all(["head", "one", "two"].map(start));
  }, 60_000);
  afterAll(async () => {
    await Promise.all(machines.map(({ worker }) => worker.stop()));
    await Promise.all(machines.map(({ pool }) => pool.close()));
    await rm(home, { recursive: true, force: true });
  });

  async function start(name: string): Promise<Machine> {
    const pool = new TestPool();
    const config = {
      poolUrl: await pool.listening(),
      home: join(home, name),
      modelsFolder: folder,
      llamaCppFolder: process.env["STARAI_LLAMA_CPP"] ?? null,
      name,
      engines: [{ kind: "llama" as const, model: model.id }],
      memoryBytesMax: MEMORY_BYTES,
      split: "own" as const,
      threads: 1,
      logLevel: "silent" as const,
    };
    const worker = await startWorker(config, { logger: silent });
    await worker.ready;
    return { name, pool, worker };
  }

  /** Gives each its part, the nodes first, and resolves when the head is up. */
  async function formed(): Promise<string> {
    const group = randomUUID();
    const [head, ...nodes] = machines as [Machine, Machine, Machine];
    const common = { type: "group", group, model: model.id, sha256: model.sha256 } as const;
    const room = { contextTokens: 1_024, slots: 1, kvType: "f16" } as const;
    const own = 8;
    const each = (LAYERS - own) / nodes.length;
    const secret = "cd".repeat(32);
    const reached = [];
    for (const [place, { name, pool, worker }] of nodes.entries()) {
      const leader = { worker: head.worker.id, name: head.name };
      const part = { kind: "node", place, firstLayer: own + place * each, layers: each, head: leader, secret } as const;
      pool.send({ ...common, ...room, part });
      const { stage } = await pool.next("group", (frame) => frame.group === group && frame.stage.kind === "ready");
      reached.push({
        worker: worker.id,
        name,
        layers: each,
        secret,
        direct: stage.kind === "ready" ? stage.direct : null,
      });
    }
    const part: GroupFrame["part"] = { kind: "head", layers: own, nodes: reached };
    head.pool.send({ ...common, ...room, part });
    const said = await head.pool.next(
      "group",
      (frame) => frame.group === group && ["up", "ended"].includes(frame.stage.kind),
    );
    expect(said.stage).toMatchObject({ kind: "up" });
    return group;
  }

  const headPool = () => machines[0]!.pool;
  const idsOf = (job: string) =>
    headPool()
      .tokensOf(job)
      .flatMap(({ tokens }) => tokens ?? []);

  /** What the whole model says, greedily, with the same build. */
  async function alone(asked: Lease): Promise<number[]> {
    const config = { home, modelsFolder: folder, llamaCppFolder: process.env["STARAI_LLAMA_CPP"] ?? null };
    const build = await ensureBuild(config, { say: () => {}, signal: new AbortController().signal });
    const { template, sha256 } = model;
    const room = { contextTokens: 1_024, slots: 1, kvType: "f16" as const, threads: 1, gpu: false };
    const speeds = { threads: 1, prefillTokensPerS: 20, decodeTokensPerS: 10, busy: false };
    const engine = await startLlamaEngine({
      driver: serverDriver(build),
      model,
      load: { path: join(folder, model.file), sha256, template, ...room, speeds, prefixFolder: null },
      threadChoices: [1],
      logger: silent,
    });
    const ids: number[] = [];
    for await (const event of engine.generate(asked, new AbortController().signal))
      if (event.kind === "tokens") ids.push(...(event.tokens ?? []));
    await engine.close();
    return ids;
  }

  test("answers as the whole model does, by its very ids, and is ended with its group", async () => {
    const group = await formed();
    const asked = lease();
    headPool().send(asked);
    await headPool().next("done", (frame) => frame.job === asked.job);
    expect(idsOf(asked.job)).toEqual(await alone(asked));
    for (const { pool } of machines) pool.send({ type: "ungroup", group, reason: "the test is over" });
    await expect.poll(layerServers, { timeout: 10_000 }).toEqual([]);
    headPool().send(lease());
    expect(await headPool().next("fail")).toMatchObject({ code: "model_missing" });
  }, 300_000);

  test("loses a node, says which, fails its lease, and nothing of it runs on", async () => {
    headPool().frames.length = 0;
    const group = await formed();
    const asked = lease({ maxTokens: 400 });
    headPool().send(asked);
    await headPool().next("tokens", (frame) => frame.job === asked.job);
    const lost = machines[2]!;
    await lost.worker.stop();
    expect(await headPool().next("fail", (frame) => frame.job === asked.job)).toMatchObject({ code: "engine_crashed" });
    const end = await headPool().next("group", (frame) => frame.group === group && frame.stage.kind === "ended");
    expect(end.stage).toMatchObject({ lost: [1], reason: expect.stringMatching(/the connection to two was lost/) });
    machines[1]!.pool.send({ type: "ungroup", group, reason: "a node was lost" });
    await expect.poll(layerServers, { timeout: 10_000 }).toEqual([]);
  }, 300_000);
});
