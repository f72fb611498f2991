/** A worker whose wire broke while its frames were being read: what the old connection brought does not weigh on the new one. */
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { submitJob } from "./submit-job.ts";
import { Words, read } from "../testing/words.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

/** Whoever asks for the vocabulary waits until the gate is opened. */
async function gate() {
  const vocabulary = await vocabularies.open("smollm2-135m");
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const asked = vi.spyOn(vocabularies, "open").mockImplementation(() => opened.then(() => vocabulary));
  return { open: () => open(), asked };
}

test("a worker that comes back is read on, however much it brings before its earlier frames are read", async () => {
  const words = await Words.of(vocabularies);
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput({ maxTokens: 400 }));
  const lease = await ann.lease();
  const { open, asked } = await gate();
  words.speak(ann, lease, 0, 1);
  const { job, fence } = lease;
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  ann.kill();
  await ann.join(stack.url, [{ job, fence, nextSeq: 1 }]);
  for (let times = 0; times < 300; times++) ann.tokens(lease, words.ids(1, 2), words.text(1, 2));
  await expect.poll(() => stack.ctx.registry.get(ann.keys.key)?.held).toBe(true);
  open();
  await expect.poll(() => stack.ctx.registry.get(ann.keys.key)?.held).toBe(false);
  ann.done(lease);
  expect((await read(handle)).text).toBe(words.text(0, 1) + words.text(1, 2).repeat(300));
});

test("a worker that came back keeps its lease past the time it had for coming back", async () => {
  const words = await Words.of(vocabularies);
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput());
  const lease = await ann.lease();
  const { job, fence } = lease;
  ann.kill();
  await ann.join(stack.url, [{ job, fence, nextSeq: 0 }]);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  words.speak(ann, lease, 0, 3);
  ann.done(lease);
  expect((await read(handle)).text).toBe(words.text(0, 3));
  expect(await handle.result()).toMatchObject({ attempts: 1 });
});

test("a worker that comes back again and again and does nothing loses its lease to one that is free", async () => {
  const words = await Words.of(vocabularies);
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput());
  const { job, fence } = await ann.lease();
  const bob = await stack.worker("bob");
  while (!bob.frames.some(({ type }) => type === "lease")) {
    ann.kill();
    await ann.join(stack.url, [{ job, fence, nextSeq: 0 }]);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const lease = await bob.lease();
  words.speak(bob, lease, 0, 3);
  bob.done(lease);
  expect((await read(handle)).text).toBe(words.text(0, 3));
}, 60_000);
