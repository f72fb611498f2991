/** A job whose worker is lost goes on at another, and its reader sees one text. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { workers } from "../db/schema.ts";
import { newKeys } from "../testing/scripted-worker.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { submitJob } from "./submit-job.ts";
import { attemptsOf, rowOf } from "../testing/job-rows.ts";
import { Words, heard, read } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** One worker has said four words of ten; another is free. */
async function half(stack: PoolStack) {
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput({ maxTokens: 10 }));
  const reading = read(handle);
  const lease = await ann.lease();
  words.speak(ann, lease, 0, 4);
  await heard(handle, words.text(0, 4));
  const bob = await stack.worker("bob");
  return { ann, bob, lease, handle, reading };
}

/** The other worker is given the rest, and the reader sees one text. Gives back how the first attempt ended. */
async function continued(
  stack: PoolStack,
  { bob, handle, reading }: Awaited<ReturnType<typeof half>>,
): Promise<string | null> {
  const rest = await bob.lease();
  const committed = { text: words.text(0, 4), tokens: words.ids(0, 4) };
  expect(rest).toMatchObject({ job: handle.id, fence: 2, maxTokens: 6, committed });
  words.speak(bob, rest, 4, 7);
  bob.done(rest);
  expect((await reading).text).toBe(words.text(0, 7));
  expect(await handle.result()).toMatchObject({ attempts: 2, worker: "bob", usage: { completionTokens: 7 } });
  // How an attempt ended is written behind the reader's back.
  await expect
    .poll(async () => (await attemptsOf(stack, handle)).map(({ end }) => end === null))
    .toEqual([false, false]);
  const ends = await attemptsOf(stack, handle);
  expect(ends[1]!.end).toBe("done");
  return ends[0]!.end;
}

describe("a job whose worker is lost", () => {
  test("to kill -9 goes on at another after the last committed token", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    scene.ann.kill();
    expect(await continued(stack, scene)).toContain("connection_closed");
    const books = await stack.ctx.db.select().from(workers);
    expect(books.find((row) => row.name === "ann")).toMatchObject({ completed: 0, failed: 1 });
  });

  test("by its own goodbye goes on at another at once", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    await scene.ann.leave();
    expect(await continued(stack, scene)).toContain("connection_closed");
  });

  test("to an engine failure goes on at another, and the worker is remembered as failing it", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    const { job, fence } = scene.lease;
    scene.ann.send({ type: "fail", job, fence, code: "engine_crashed", message: "abort 134" });
    expect(await continued(stack, scene)).toContain("engine_crashed");
    const counted = (await stack.ctx.events.metrics.registry.metrics()).split("\n");
    for (const line of [
      'starai_leases_ended_total{reason="engine_crashed"} 1',
      'starai_leases_ended_total{reason="done"} 1',
      'starai_jobs_ended_total{end="done"} 1',
    ])
      expect(counted).toContain(line);
  });

  test("to a stall goes on at another while the machine still sends heartbeats", async () => {
    await using stack = await openPoolStack(vocabularies);
    expect(await continued(stack, await half(stack))).toContain("stalled");
  });

  test("to a half-open connection goes on at another", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    await ann.lease();
    const bob = await stack.worker("bob");
    ann.freeze();
    const lease = await bob.lease();
    expect(lease).toMatchObject({ job: handle.id, fence: 2 });
    words.answer(bob, lease);
    await handle.result();
    await expect.poll(() => stack.ctx.registry.status().workersOnline, { timeout: 10_000 }).toBe(1);
  });

  test("to a frame out of order goes on at another, and the worker hears why", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    const { job, fence } = scene.lease;
    scene.ann.send({ type: "tokens", job, fence, seq: 9, tokens: words.ids(4, 5), text: words.text(4, 5) });
    expect((await scene.ann.frame("dropped")).reason).toContain("frame 9 came where 4 was expected");
    expect(await continued(stack, scene)).toContain("out of order");
  });

  test("to text that its ids do not say goes on at another, and not a letter of it is kept", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    scene.ann.tokens(scene.lease, words.ids(4, 5), "buy my coin");
    expect((await scene.ann.frame("dropped")).reason).toContain("not what the token ids say");
    expect(await continued(stack, scene)).toContain("false frame");
  });

  test("to an id that is in no vocabulary goes on at another", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    scene.ann.tokens(scene.lease, [2 ** 31 + 5], "x");
    expect(await continued(stack, scene)).toContain("false frame");
  });

  test("to more tokens than were asked for goes on at another", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    scene.ann.tokens(scene.lease, words.ids(4, 14), words.text(4, 14));
    expect(await continued(stack, scene)).toContain("more than the 10 tokens");
  });

  test("to a refusal that the server knows to be untrue goes on at another", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    const { job, fence } = scene.lease;
    scene.ann.send({ type: "fail", job, fence, code: "context_overflow", message: "too long" });
    expect(await continued(stack, scene)).toContain("context_overflow");
  });

  test("is not changed by what the old worker still says", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    const { job, fence } = scene.lease;
    scene.ann.send({ type: "fail", job, fence, code: "engine_crashed", message: "not really" });
    const rest = await scene.bob.lease();
    scene.ann.tokens(scene.lease, words.ids(20, 21), words.text(20, 21));
    scene.ann.done(scene.lease);
    expect((await scene.ann.frame("dropped", { job })).reason).toBe("this lease is over");
    words.speak(scene.bob, rest, 4, 5);
    scene.bob.done(rest);
    expect((await scene.reading).text).toBe(words.text(0, 5));
  });

  test("for a moment goes on at the same worker from the first frame that was not taken", async () => {
    await using stack = await openPoolStack(vocabularies);
    const keys = newKeys();
    const ann = await stack.worker("ann", {}, keys);
    const handle = await submitJob(stack.ctx, jobInput());
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 3);
    await heard(handle, words.text(0, 3));
    ann.kill();
    const welcome = await ann.join(stack.url, [{ job: lease.job, fence: 1, nextSeq: 5 }]);
    expect(welcome.resume).toEqual([{ job: lease.job, fence: 1, fromSeq: 3 }]);
    words.speak(ann, lease, 3, 6);
    ann.done(lease);
    expect((await read(handle)).text).toBe(words.text(0, 6));
    expect(await handle.result()).toMatchObject({ attempts: 1 });
  });

  test("by a second connection of the same worker goes on there", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 3);
    await heard(handle, words.text(0, 3));
    const welcome = await ann.join(stack.url, [{ job: lease.job, fence: 1, nextSeq: 3 }]);
    expect(welcome.resume).toEqual([{ job: lease.job, fence: 1, fromSeq: 3 }]);
    ann.done(lease);
    expect(await handle.result()).toMatchObject({ text: words.text(0, 3), attempts: 1 });
  });

  test("cannot be gone on with by a worker that comes back too late", async () => {
    await using stack = await openPoolStack(vocabularies);
    const scene = await half(stack);
    scene.ann.kill();
    const rest = await scene.bob.lease();
    const welcome = await scene.ann.join(stack.url, [{ job: rest.job, fence: 1, nextSeq: 4 }]);
    expect(welcome.resume).toEqual([]);
    scene.bob.done(rest);
    expect((await scene.reading).text).toBe(words.text(0, 4));
  });

  test("waits for another to join when there is none", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    words.speak(ann, await ann.lease(), 0, 2);
    await heard(handle, words.text(0, 2));
    ann.kill();
    await expect.poll(async () => (await rowOf(stack, handle)).state, { timeout: 10_000 }).toBe("queued");
    const bob = await stack.worker("bob");
    const rest = await bob.lease();
    words.speak(bob, rest, 2, 3);
    bob.done(rest);
    expect(await handle.result()).toMatchObject({ text: words.text(0, 3), attempts: 2 });
  });

  test("too often is given up with a reason", async () => {
    await using stack = await openPoolStack(vocabularies, { attemptsMax: 2 });
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    // The first failure of a stranger says little of the job; from then on each counts.
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { job, fence } = await ann.lease();
      ann.send({ type: "fail", job, fence, code: "engine_crashed", message: "abort" });
    }
    await expect(handle.result()).rejects.toMatchObject({ code: "attempts_exhausted" });
    expect(await rowOf(stack, handle)).toMatchObject({ state: "failed", fence: 3 });
  });
});
