/** The part of a prompt that is billed as cached: by what this server itself sent, whatever a worker says. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Turn } from "@starai/protocol/template";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { Words, heard } from "../testing/words.ts";
import type { LiveJob } from "./live-job.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

const first: Turn[] = [
  { role: "system", content: "You are a careful assistant that answers in one word." },
  { role: "user", content: "Say something." },
];
const second: Turn[] = [...first, { role: "assistant", content: "Yes" }, { role: "user", content: "And more?" }];

/** One answer of this worker from its lease to its end; returns its job. */
async function answer(stack: PoolStack, worker: ScriptedWorker, turns: Turn[]): Promise<LiveJob> {
  const input = jobInput({ turns });
  const handle = await submitJob(stack.ctx, input);
  const lease = await worker.lease();
  const job = stack.ctx.queue.find(input.key)!;
  words.answer(worker, lease);
  await handle.result();
  return job;
}

test("the next step of a conversation is billed as cached up to the last one, exactly", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const one = await answer(stack, ann, first);
  expect(one.cachedTokens).toBe(0);
  const two = await answer(stack, ann, second);
  expect(two.cachedTokens).toBe(one.facts.promptTokens);
  expect(two.cachedTokens).toBeLessThan(two.facts.promptTokens);
});

test("nothing is cached at a worker that reconnected, nor after a restart of the server, whatever is said", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  await answer(stack, ann, first);
  await ann.leave();
  await ann.join(stack.url);
  expect((await answer(stack, ann, second)).cachedTokens).toBe(0);
  await stack.restart("stopped");
  await ann.join(stack.url);
  expect((await answer(stack, ann, second)).cachedTokens).toBe(0);
});

test("a worker cannot say what it holds: progress changes nothing, and a field of its own ends the connection", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const input = jobInput({ turns: first });
  await submitJob(stack.ctx, input);
  const lease = await ann.lease();
  ann.send({ type: "progress", job: lease.job, fence: lease.fence, done: 1 });
  words.speak(ann, lease, 0, 1);
  await ann.frame("stored");
  expect(stack.ctx.queue.find(input.key)!.cachedTokens).toBe(0);
  ann.sendRaw(JSON.stringify({ type: "heartbeat", running: 0, freeMemoryBytes: 0, cachedTokens: 1_000 }));
  expect(await ann.closing()).toMatchObject({ code: 1002 });
});

test("a job that moves to a worker that never had its conversation has nothing cached", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const one = await answer(stack, ann, first);
  const input = jobInput({ turns: second });
  const handle = await submitJob(stack.ctx, input);
  words.speak(ann, await ann.lease(), 0, 1);
  await heard(handle, words.text(0, 1));
  const job = stack.ctx.queue.find(input.key)!;
  expect(job.cachedTokens).toBe(one.facts.promptTokens);
  const bob = await stack.worker("bob");
  await ann.leave();
  const rest = await bob.lease();
  expect(job.cachedTokens).toBe(0);
  words.speak(bob, rest, 1, 2);
  bob.done(rest);
  expect(await handle.result()).toMatchObject({ worker: "bob", attempts: 2 });
});

test("a prompt that was cancelled before its first word makes nothing cached", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput({ turns: first }));
  await ann.lease();
  await handle.cancel("enough");
  expect((await answer(stack, ann, first)).cachedTokens).toBe(0);
});
