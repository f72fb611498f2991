import { homedir } from "node:os";
import { join } from "node:path";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Engine, EngineJob } from "../engine.ts";
import { catalogued } from "../../open-engines.ts";
import { startLlamaEngine } from "../llama/llama-engine.ts";
import { EchoFilter } from "./echo.ts";
import { openOpenAiEngine } from "./openai-engine.ts";
import { openTestServer } from "../../testing/openai-server.ts";
import type { TestServer, TestServerOptions } from "../../testing/openai-server.ts";

const model = catalogued(PLUMBING_MODEL);
const logger = pino({ level: "silent" });
const JSON_SCHEMA = { properties: { city: { const: "Saint Petersburg" }, land: { const: "Russia" } } };
const WHOLE = '{"city":"Saint Petersburg","land":"Russia"}';

const CONSTRAINT = { gbnf: "", jsonSchema: JSON_SCHEMA };

let behind: Engine;
let plain: { engine: Engine; server: TestServer };

beforeAll(async () => {
  const path = join(modelsFolder(process.env, homedir()), model.file);
  const load = { path, template: model.template, contextTokens: 2_048, slots: 2, kvType: "f16", threads: 1 } as const;
  behind = await startLlamaEngine({
    model,
    load: { ...load, sha256: model.sha256, gpu: false, speeds: null, prefixFolder: null },
    threadChoices: [1],
    logger,
  });
  plain = await openOver({});
}, 120_000);

afterAll(async () => {
  await plain.engine.close();
  await plain.server.close();
  await behind.close();
});

async function openOver(options: Partial<TestServerOptions>) {
  const server = await openTestServer(behind, { echoes: false, keepsSchemas: true, key: null, ...options });
  const engine = await openOpenAiEngine(
    { url: server.url, key: options.key ?? null, engineModel: "tiny" },
    model,
    logger,
  );
  return { engine, server };
}

function jobOf(question: string, over: Partial<EngineJob> = {}): EngineJob {
  return {
    turns: [{ role: "user", content: question }],
    committed: { text: "", tokens: null },
    constraint: null,
    sampling: { temperature: 0, topP: 1, seed: 7 },
    maxTokens: 48,
    cacheKey: "test",
    ...over,
  };
}

async function run(engine: Engine, job: EngineJob, signal = new AbortController().signal) {
  const result = { text: "", ids: 0, reason: null as string | null };
  for await (const event of engine.generate(job, signal)) {
    if (event.kind === "done") result.reason = event.reason;
    if (event.kind !== "tokens") continue;
    result.text += event.text;
    result.ids += event.tokens?.length ?? 0;
  }
  return result;
}

test("an engine behind a URL reports its capabilities and answers without ids", async () => {
  expect(plain.engine.served).toMatchObject({ constraint: "json_schema", tokenIds: false, contextTokens: 2_048 });
  const { text, ids, reason } = await run(plain.engine, jobOf("What is the capital of France?"));
  expect(text).toContain("Paris");
  expect([ids, reason]).toEqual([0, "stop"]);
});

/** The whole answer when its first `cut` characters are committed. */
async function wholeAfter(engine: Engine, cut: number): Promise<string> {
  const committed = { text: WHOLE.slice(0, cut), tokens: null };
  const { text } = await run(engine, jobOf("Where is it?", { constraint: CONSTRAINT, committed }));
  return committed.text + text;
}

test("an answer continues after its committed part", async () => {
  for (const cut of [0, 3, 30]) expect(await wholeAfter(plain.engine, cut)).toBe(WHOLE);
});

test("a committed part that the engine echoes is not delivered twice", async () => {
  const { engine, server } = await openOver({ echoes: true });
  for (const cut of [0, 3, 30]) expect(await wholeAfter(engine, cut)).toBe(WHOLE);
  await engine.close();
  await server.close();
}, 120_000);

test("an engine that ignores schemas is detected and never sent one", async () => {
  const { engine, server } = await openOver({ keepsSchemas: false });
  expect(engine.served.constraint).toBe("none");
  const before = server.asked.length;
  await expect(run(engine, jobOf("Hi", { constraint: CONSTRAINT }))).rejects.toMatchObject({
    code: "constraint_refused",
  });
  expect(server.asked.length).toBe(before);
  await engine.close();
  await server.close();
}, 120_000);

test("cancelling a job aborts its request to the engine behind the URL", async () => {
  const { engine, server } = plain;
  const cancel = new AbortController();
  for await (const event of engine.generate(jobOf("Count to a thousand.", { maxTokens: 1_500 }), cancel.signal)) {
    if (event.kind === "tokens") cancel.abort();
  }
  while (server.running() > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(server.running()).toBe(0);
});

test("an answer that breaks off fails as a crash", async () => {
  plain.server.breakOff = true;
  await expect(run(plain.engine, jobOf("Tell me a story."))).rejects.toMatchObject({ code: "engine_crashed" });
  plain.server.breakOff = false;
});

test("a prompt that does not fit fails as too long", async () => {
  const long = run(plain.engine, jobOf("word ".repeat(3_000)));
  await expect(long).rejects.toMatchObject({ code: "context_overflow" });
});

test("a wrong name or key is rejected at the start with advice", async () => {
  const server = await openTestServer(behind, { echoes: false, keepsSchemas: true, key: "secret" });
  const options = { url: server.url, key: "secret", engineModel: "huge" };
  await expect(openOpenAiEngine(options, model, logger)).rejects.toThrow(/not have the model "huge", only tiny/);
  await expect(openOpenAiEngine({ ...options, key: null }, model, logger)).rejects.toThrow(/HTTP 401/);
  await server.close();
  await expect(openOpenAiEngine(options, model, logger)).rejects.toThrow(/STARAI_ENGINE_URL/);
});

test("the beginning of an answer that only looks like an echo is not lost", () => {
  const echo = new EchoFilter("one two");
  expect(["one ", "three"].map((text) => echo.push(text)).join("") + echo.end()).toBe("one three");
  const cut = new EchoFilter("one two");
  expect(cut.push("one t") + cut.end()).toBe("one t");
});
