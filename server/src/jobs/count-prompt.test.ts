import { afterAll, beforeAll, expect, test } from "vitest";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { jobInput, openPoolStack, ownVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { countPrompt } from "./count-prompt.ts";

const vocabularies = ownVocabularies();
let stack: PoolStack;
beforeAll(async () => {
  stack = await openPoolStack(vocabularies);
  await vocabularies.open(PLUMBING_MODEL);
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await vocabularies[Symbol.asyncDispose]();
});

const count = () => {
  const { owner, turns } = jobInput();
  return countPrompt(stack.ctx, { model: stack.ctx.catalogue.get(PLUMBING_MODEL)!, owner, turns });
};

test("a prompt whose counting ended the process is refused as too long, and the next one is counted", async () => {
  const { counting } = vocabularies.pids;
  process.kill(counting!, "SIGSTOP");
  const refused = count().catch((error: unknown) => error);
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(counting!, "SIGKILL");
  expect(await refused).toMatchObject({ code: "context_overflow", param: "messages" });
  expect(await count()).toMatchObject({ estimated: false });
});

test("a prompt that nobody can count just now is estimated", async () => {
  await vocabularies[Symbol.asyncDispose]();
  expect(await count()).toMatchObject({ estimated: true });
});
