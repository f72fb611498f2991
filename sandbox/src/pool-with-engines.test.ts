import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { pino } from "pino";
import { afterAll, expect, test } from "vitest";
import { modelsFolder } from "@starai/protocol/cache-folder";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { POOL_PATH } from "@starai/protocol/worker-frames";
import type { JobHandle } from "@starai/server/jobs/job";
import { submitJob } from "@starai/server/jobs/submit-job";
import { jobInput, openPoolStack, testVocabularies } from "@starai/server/testing/pool-stack";
import { startWorker } from "@starai/worker/daemon";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** Starts a contributor's worker with a real engine on one thread. */
async function startMachine(poolUrl: string, name: string) {
  const home = await mkdtemp(path.join(os.tmpdir(), `starai-${name}-`));
  const config = {
    poolUrl: poolUrl.replace("http", "ws") + POOL_PATH,
    home,
    modelsFolder: modelsFolder(process.env, os.homedir()),
    name,
    engines: [{ kind: "llama", model: PLUMBING_MODEL } as const],
    threads: 1,
    logLevel: "silent" as const,
  };
  const worker = await startWorker(config, { logger: pino({ level: "silent" }) });
  await worker.ready;
  const dispose = async () => {
    await worker.stop();
    await rm(home, { recursive: true });
  };
  return { name, worker, [Symbol.asyncDispose]: dispose };
}

const list = {
  gbnf: String.raw`root ::= "{\"words\":[" word ("," word){11} "]}"
word ::= "\"" [a-z]{3,9} "\""`,
  jsonSchema: {
    type: "object",
    properties: {
      words: { type: "array", items: { type: "string", pattern: "^[a-z]{3,9}$" }, minItems: 12, maxItems: 12 },
    },
    required: ["words"],
    additionalProperties: false,
  },
};

test("an answer started on one machine and finished on another is one text that fits its form", async () => {
  await using stack = await openPoolStack(vocabularies);
  await using first = await startMachine(stack.url, "first");
  const turns = [{ role: "user" as const, content: "Write twelve animals." }];
  const handle = await submitJob(stack.ctx, jobInput({ turns, constraint: list, maxTokens: 200 }));
  const before = await firstCharacters(handle, 30);
  await first.worker.stop();
  await using second = await startMachine(stack.url, "second");
  const streamed: string[] = [];
  for await (const event of handle.events()) if (event.kind === "text") streamed.push(event.text);
  const result = await handle.result();
  expect(result).toMatchObject({ worker: second.name, attempts: 2, usage: { estimated: false } });
  expect(result.text.startsWith(before)).toBe(true);
  expect(streamed.join("")).toBe(result.text);
  expect(JSON.parse(result.text)).toEqual({
    words: Array.from({ length: 12 }, () => expect.stringMatching(/^[a-z]{3,9}$/) as string),
  });
});

async function firstCharacters(handle: JobHandle, count: number): Promise<string> {
  let text = "";
  for await (const event of handle.events()) {
    if (event.kind === "text") text += event.text;
    if (text.length >= count) return text;
  }
  throw new Error(`the answer ended after "${text}"`);
}
