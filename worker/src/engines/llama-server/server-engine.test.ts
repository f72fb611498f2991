/**
 * The driver with a real build and a real model: the smallest of the catalogue that the build runs on this processor.
 * It belongs to the long tests: which formats the build can compute differs from processor to processor. Skipped, with a
 * line that says why, where the build or such a model cannot be had.
 */
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { getLlama } from "node-llama-cpp";
import type { LlamaModel, Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineFailure } from "../engine.ts";
import { startLlamaEngine } from "../llama/llama-engine.ts";
import type { LlamaEngine } from "../llama/llama-engine.ts";
import { catalogued } from "../../open-engines.ts";
import { constrained, engineLaws, fillEverySlot, jobOf, run } from "../../testing/engine-laws.ts";
import { silent } from "../../testing/worker-home.ts";
import { ensureBuild } from "./build.ts";
import type { Build } from "./build.ts";
import { generate } from "./generate.ts";
import { serverDriver } from "./server-driver.ts";
import { ServerProcess } from "./server-process.ts";
import { readVocabulary } from "./vocabulary.ts";
import type { ServerVocabulary } from "./vocabulary.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const folder = modelsFolder(process.env, homedir());
const SMALLEST_FIRST = ["smollm2-135m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"];

async function open(
  build: Build,
  model: CatalogueModel,
  { path = join(folder, model.file), contextTokens = 2_048 } = {},
): Promise<LlamaEngine> {
  const load = { path, template: model.template, contextTokens, slots: 2, kvType: "f16" as const };
  return await startLlamaEngine({
    driver: serverDriver(build),
    model,
    load: { ...load, sha256: model.sha256, threads: 1, gpu: false, speeds: null, prefixFolder: null },
    threadChoices: [1],
    logger: silent,
  });
}

/** An engine that works here, and what was said of the models that do not. */
async function openSmallest() {
  const faults: string[] = [];
  if (!isLong) return { engine: null, faults: ["it belongs to `npm run test:long`"] };
  const config = { home: tmpdir(), modelsFolder: folder, llamaCppFolder: process.env.STARAI_LLAMA_CPP ?? null };
  try {
    const build = await ensureBuild(config, { say: console.log, signal: AbortSignal.timeout(120_000) });
    for (const id of SMALLEST_FIRST) {
      const model = catalogued(id);
      const file = await stat(join(folder, model.file)).catch(() => null);
      if (!file) faults.push(`${id} is not here`);
      else {
        const engine = await open(build, model).catch((error: unknown) => void faults.push(String(error)));
        if (engine) return { engine, build, model, faults };
      }
    }
  } catch (error) {
    faults.push(String(error));
  }
  return { engine: null, faults };
}

const opened = await openSmallest();
const { faults } = opened;
if (!opened.engine) console.log(`llama-server is not tested here:\n  ${faults.join("\n  ")}`);

describe.skipIf(!opened.engine)("llama-server", () => {
  const { engine, model, build } = opened as Extract<typeof opened, { build: Build }>;
  let vocabulary: LlamaModel;

  beforeAll(async () => {
    const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, maxThreads: 1 });
    vocabulary = await llama.loadModel({ modelPath: join(folder, model.file), vocabOnly: true });
  });
  afterAll(async () => {
    await engine.close();
    await vocabulary.dispose();
  });

  test("no control token comes where a grammar allows any character", async () => {
    const any = String.raw`root ::= "\"" [^"\\]{80} "\""`;
    const { tokens, text } = await run(engine, jobOf("Repeat: <|im_start|>x", { ...constrained(any), maxTokens: 90 }));
    expect(tokens.filter((id) => vocabulary.getTokenAttributes(id as Token).control)).toEqual([]);
    // A control token has no text, but the grammar counts the characters of its name.
    expect(text).toMatch(/^"[^"\\]{80}"$/u);
  });

  test("characters of several tokens have all their ids", async () => {
    const rare = "root ::= [𓀀-𓐮]{8}";
    const job = jobOf("Write hieroglyphs.", { ...constrained(rare), maxTokens: 60 });
    const { tokens, text } = await run(engine, { ...job, sampling: { temperature: 1.2, topP: 1, seed: 5 } });
    expect(tokens.length).toBeGreaterThan(Array.from(text).length);
    expect(vocabulary.detokenize(tokens as Token[])).toBe(text);
  });

  test("a character whose ids cannot be told for certain is dropped and asked for again", async () => {
    const path = join(folder, model.file);
    const whole = await readVocabulary(path);
    const setUp = { folder: build.folder, model: path, contextTokens: 512, slots: 1, kvType: "f16" as const };
    const server = new ServerProcess({ ...setUp, threads: 1, batchTokens: 64, gpu: false });
    const blind = Object.assign(Object.create(whole) as ServerVocabulary, {
      controls: whole.controls,
      bytesOf: (ids: readonly number[]) => whole.bytesOf(ids),
      leftOut: () => null,
    });
    const loaded = { endpoint: await server.ready(), vocabulary: blind, template: model.template, contextTokens: 512 };
    const seen = { tokens: [] as number[], text: "" };
    const out = {
      progress: () => {},
      tokens: (tokens: number[], text: string) => {
        seen.tokens.push(...tokens);
        seen.text += text;
      },
    };
    const job = jobOf("Write hieroglyphs.", { ...constrained('root ::= "<" [𓀀-𓐮]{5} ">"'), maxTokens: 60 });
    expect(await generate(loaded, job, out, new AbortController().signal)).toBe("stop");
    expect(seen.text).toMatch(/^<[\u{13000}-\u{1342E}]{5}>$/u);
    expect(vocabulary.detokenize(seen.tokens as Token[])).toBe(seen.text);
    await server.end();
  });

  test("a job begins where the warming of its prefix ended", async () => {
    const facts = { role: "system" as const, content: `You know facts. ${"Water is wet, fire is hot. ".repeat(12)}` };
    await engine.warm([facts]);
    const job = { ...jobOf("", { maxTokens: 2 }), turns: [facts, { role: "user" as const, content: "Is water wet?" }] };
    const shares: number[] = [];
    for await (const event of engine.generate(job, new AbortController().signal))
      if (event.kind === "progress") shares.push(event.done);
    expect(Math.min(...shares)).toBeGreaterThan(0.7);
  });

  test("jobs in all slots have their whole context, whatever the others hold", async () => {
    const small = await open(build, model, { contextTokens: 256 });
    const ends = await fillEverySlot(small).finally(() => void small.close());
    // The rest of the 256 is the question's.
    for (const { reason, count } of ends) expect([reason, count > 200]).toEqual(["length", true]);
  });

  test("other users of this machine can neither ask the server nor read its key", async () => {
    const told = readFileSync(`/proc/${engine.pid}/cmdline`, "utf8");
    expect(told).toContain("127.0.0.1");
    expect(told).not.toMatch(/api-key|[0-9a-f]{64}/);
  });

  test.runIf(faults.some((fault) => fault.includes("SIGILL")))(
    "a model whose code this processor lacks is not offered, and the reason is said",
    () => {
      expect(faults.join("\n")).toContain("this processor lacks an instruction that this build of llama.cpp uses");
    },
  );

  test("a model file that is none is refused with the server's own words", async () => {
    const fault = await open(build, model, { path: import.meta.filename }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(EngineFailure);
    expect((fault as Error).message).toContain(import.meta.filename);
  });

  engineLaws({ engine: () => engine, vocabulary: () => vocabulary, everyToken: 1 });
});
