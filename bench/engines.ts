/**
 * Measures the two drivers of llama.cpp against each other and against the bare server, with 1 to 8 streams at once.
 * `npm run bench -- engines [rounds] [streams,…] [model]`
 */
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { DEFAULT_MODEL } from "@starai/protocol/catalogue";
import type { EngineJob } from "@starai/worker/engines/engine";
import { startLlamaEngine } from "@starai/worker/engines/llama/llama-engine";
import type { LlamaDriver, LlamaEngine } from "@starai/worker/engines/llama/llama-engine";
import { ensureBuild } from "@starai/worker/engines/llama-server/build";
import type { Build } from "@starai/worker/engines/llama-server/build";
import { promptIds } from "@starai/worker/engines/llama-server/generate";
import { complete } from "@starai/worker/engines/llama-server/server-api";
import { serverDriver } from "@starai/worker/engines/llama-server/server-driver";
import { ServerProcess } from "@starai/worker/engines/llama-server/server-process";
import { ensureModel } from "@starai/worker/models/ensure-model";
import { catalogued } from "@starai/worker/open-engines";
import { pino } from "pino";
import { STORY } from "./answer.ts";
import { median, medianInterval } from "./median.ts";

const ROUNDS = 15;
const STREAMS = [1, 2, 4, 8];
const TOKENS = 48;
const CONTEXT_TOKENS = 2_048;
/** What each driver takes on a processor; jobs beyond that wait, as they do in the pool. */
const SLOTS = { "built-in": 2, "llama-server": 4 };
/** llama-server's own default. */
const BARE_BATCH_TOKENS = 512;
const OWN_SETTINGS = { temperature: 0, top_p: 1, seed: 7, banned: [] };

interface Subject {
  name: "built-in" | "llama-server" | "bare server";
  pid: () => number | undefined;
  slots: number;
  /** Writes one answer; calls back at each token. */
  answer(question: string, onTokens: (count: number) => void): Promise<void>;
  close(): Promise<void>;
}

interface Run {
  tokensPerS: number;
  /** Until the last stream had its first token. */
  firstMs: number;
  memoryBytes: number;
}

export async function measureEngines(words: readonly string[]): Promise<string[]> {
  const rounds = Number(words[0] ?? ROUNDS);
  const streams = words[1]?.split(",").map(Number) ?? STREAMS;
  const id = words[2] ?? DEFAULT_MODEL;
  const threads = Number(process.env.STARAI_THREADS ?? os.cpus().length);
  const loadBefore = os.loadavg()[0] ?? 0;
  const subjects = await openSubjects(id, threads);
  const rows: string[] = [];
  const ratios: string[] = [];
  try {
    for (const count of streams) {
      const runs = await interleaved(subjects, { count, rounds });
      for (const { name } of subjects) rows.push(rowOf(name, count, runs.get(name) ?? []));
      ratios.push(...ratioRows(count, runs));
    }
  } finally {
    for (const subject of subjects) await subject.close();
  }
  const loads = `${loadBefore.toFixed(1)} before, ${(os.loadavg()[0] ?? 0).toFixed(1)} after`;
  return [
    `Model ${id}, ${threads} thread${threads === 1 ? "" : "s"} each, ${TOKENS} tokens a stream, ${rounds} rounds in turn. Load average of the machine ${loads}.`,
    `Slots: built-in ${SLOTS["built-in"]}, llama-server and the bare server ${SLOTS["llama-server"]}; streams beyond them wait. Memory is of the engine's own processes, with the model's mapped pages.`,
    "",
    "| streams | engine | tokens/s | last first token | memory |",
    "|---|---|---|---|---|",
    ...rows,
    "",
    "| streams | ratio of pairs | tokens/s (95 % interval) | last first token |",
    "|---|---|---|---|",
    ...ratios,
  ];
}

async function openSubjects(id: string, threads: number): Promise<Subject[]> {
  const model = catalogued(id);
  const folder = modelsFolder(process.env, os.homedir());
  const file = await ensureModel(model, folder);
  const llamaCppFolder = process.env.STARAI_LLAMA_CPP ?? null;
  const config = { home: path.join(os.tmpdir(), "starai-bench-engines"), modelsFolder: folder, llamaCppFolder };
  const build = await ensureBuild(config, { say: console.error, signal: new AbortController().signal });
  const open = async (name: "built-in" | "llama-server", driver: LlamaDriver | null) => {
    const { sha256, template } = model;
    const load = { path: file, sha256, template, contextTokens: CONTEXT_TOKENS, slots: SLOTS[name], threads };
    const engine = await startLlamaEngine({
      ...(driver ? { driver } : {}),
      model,
      load: { ...load, kvType: "f16", gpu: false, speeds: null, prefixFolder: null },
      threadChoices: [threads],
      logger: pino({ level: "silent" }),
    });
    return subjectOf(name, engine);
  };
  return [
    await open("built-in", null),
    await open("llama-server", serverDriver(build)),
    await openBare(build, { file, template: model.template, threads }),
  ];
}

function subjectOf(name: Subject["name"], engine: LlamaEngine): Subject {
  return {
    name,
    pid: () => engine.pid,
    slots: engine.served.slots,
    answer: async (question, onTokens) => {
      for await (const event of engine.generate(jobOf(question), new AbortController().signal))
        if (event.kind === "tokens") onTokens(event.tokens?.length ?? 0);
    },
    close: () => engine.close(),
  };
}

function jobOf(question: string): EngineJob {
  return {
    turns: [{ role: "user", content: question }],
    committed: { text: "", tokens: [] },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 7 },
    maxTokens: TOKENS,
    cacheKey: "bench",
  };
}

/** The server as it is without us: its own batch size, a client that only reads. */
async function openBare(
  build: Build,
  { file, template, threads }: { file: string; template: "chatml" | "llama3" | "gemma"; threads: number },
): Promise<Subject> {
  const slots = SLOTS["llama-server"];
  const fixed = { contextTokens: CONTEXT_TOKENS, kvType: "f16", batchTokens: BARE_BATCH_TOKENS, gpu: false } as const;
  const server = new ServerProcess({ ...fixed, folder: build.folder, model: file, slots, threads });
  const endpoint = await server.ready();
  return {
    name: "bare server",
    pid: () => server.pid,
    slots,
    answer: async (question, onTokens) => {
      const prompt = await promptIds({ endpoint, template }, [{ role: "user", content: question }]);
      const request = { ...OWN_SETTINGS, prompt, n_predict: TOKENS };
      for await (const chunk of complete(endpoint, request, new AbortController().signal))
        if (chunk.content !== "") onTokens(1);
    },
    close: () => server.end(),
  };
}

/** Each round runs every subject once, in another order: a neighbour's load meets all of them. */
async function interleaved(subjects: readonly Subject[], { count, rounds }: { count: number; rounds: number }) {
  const runs = new Map<Subject["name"], Run[]>(subjects.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let at = 0; at < subjects.length; at++) {
      const subject = subjects[(at + round) % subjects.length];
      if (subject) runs.get(subject.name)?.push(await runOnce(subject, { count, round }));
    }
  }
  return runs;
}

async function runOnce(subject: Subject, { count, round }: { count: number; round: number }): Promise<Run> {
  const began = performance.now();
  const firsts: number[] = [];
  let tokens = 0;
  const waiting = Array.from({ length: count }, (_, stream) => `${round}.${stream} ${STORY}`);
  const work = async () => {
    for (let question = waiting.shift(); question !== undefined; question = waiting.shift()) {
      let started = false;
      await subject.answer(question, (some) => {
        if (!started) firsts.push(performance.now() - began);
        started = true;
        tokens += some;
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(count, subject.slots) }, work));
  const seconds = (performance.now() - began - Math.min(...firsts)) / 1_000;
  return { tokensPerS: tokens / seconds, firstMs: Math.max(...firsts), memoryBytes: memoryOf(subject.pid()) };
}

/** Resident memory of a process and its children, bytes; 0 where the system does not say. */
function memoryOf(pid: number | undefined): number {
  try {
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean);
    return kilobytes * 1_024 + children.reduce((sum, child) => sum + memoryOf(Number(child)), 0);
  } catch {
    return 0;
  }
}

function rowOf(name: string, count: number, runs: readonly Run[]): string {
  const [rate, first] = [median(runs.map((run) => run.tokensPerS)), median(runs.map((run) => run.firstMs))];
  const memory = Math.max(...runs.map((run) => run.memoryBytes));
  return `| ${count} | ${name} | ${rate.toFixed(1)} | ${(first / 1_000).toFixed(2)} s | ${(memory / 1e9).toFixed(2)} GB |`;
}

function ratioRows(count: number, runs: ReadonlyMap<Subject["name"], readonly Run[]>): string[] {
  const pairs = [
    ["llama-server", "bare server"],
    ["built-in", "bare server"],
    ["llama-server", "built-in"],
  ] as const;
  return pairs.map(([one, other]) => {
    const ratio = (part: (run: Run) => number) =>
      (runs.get(one) ?? []).map((run, round) => part(run) / part(runs.get(other)?.[round] ?? run));
    const [rates, firsts] = [ratio((run) => run.tokensPerS), ratio((run) => run.firstMs)];
    return `| ${count} | ${one} ÷ ${other} | ${shown(rates)} | ${shown(firsts)} |`;
  });
}

function shown(ratios: readonly number[]): string {
  const [low, high] = medianInterval(ratios);
  return `${median(ratios).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}
