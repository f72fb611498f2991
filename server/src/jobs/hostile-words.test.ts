/** What a worker says about a job is checked before it has an effect: each lie beside an honest worker. */
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Lease } from "@starai/protocol/worker-frames";
import { attempts } from "../db/schema.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { submitJob } from "./submit-job.ts";
import { answeredBy, beside, bookOf, sentence } from "../testing/liars.ts";
import { Words, heard, read } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** A liar is given the job that waits; an honest worker is there from then on. */
async function meanwhile(stack: PoolStack) {
  const liar = await stack.worker("second liar");
  const lease = await liar.lease();
  return { liar, lease, honest: await stack.worker("honest") };
}

const fail = (
  worker: ScriptedWorker,
  { job, fence }: Lease,
  code: "busy" | "constraint_refused" | "context_overflow",
) => worker.send({ type: "fail", job, fence, code, message: "a lie" });

describe("a worker that refuses what it has room for", () => {
  test("is asked once, though nobody can prove it wrong, and uses up none of the job's attempts", async () => {
    await using stack = await openPoolStack(vocabularies, { attemptsMax: 1 });
    const { liar, lease, honest, handle } = await beside(stack);
    fail(liar, lease, "busy");
    await answeredBy(words, honest, handle);
    expect(await bookOf(stack, liar)).toMatchObject({ completed: 0, failed: 0 });
  });

  test("is paused when it does so again and again, and hears why", async () => {
    await using stack = await openPoolStack(vocabularies);
    const liar = await stack.worker("liar");
    const handle = await submitJob(stack.ctx, jobInput());
    for (let times = 1; times <= 3; times++) fail(liar, await liar.lease(), "busy");
    expect((await liar.frame("dropped")).reason).toContain("3 leases in a row were refused");
    await expect
      .poll(() => bookOf(stack, liar))
      .toMatchObject({ pauses: 1, pauseReason: expect.stringContaining("busy") as string });
    await answeredBy(words, await stack.worker("honest"), handle);
  });

  test("cannot end a job with a word about its form, or about a form it does not have", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack);
    fail(liar, lease, "constraint_refused");
    await answeredBy(words, honest, handle);
    expect(await bookOf(stack, liar)).toMatchObject({ failed: 1 });
  });

  test("cannot end a job by saying that it is too long and hanging up", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack);
    fail(liar, lease, "context_overflow");
    liar.kill();
    await answeredBy(words, honest, handle);
    expect(await handle.result()).toMatchObject({ attempts: 2 });
  });
});

describe("a stranger that is late", () => {
  test("loses its job to a proven worker that is free, and is not paused the first time", async () => {
    await using stack = await openPoolStack(vocabularies);
    const late = await stack.worker("late");
    const handle = await submitJob(stack.ctx, jobInput());
    await late.lease();
    const honest = await stack.worker("honest");
    const { record } = stack.ctx.registry.get(honest.keys.key)!;
    for (let times = 0; times < 3; times++) record.answered(stack.ctx.monotonic());
    await answeredBy(words, honest, handle);
    const { failed, pausedUntil } = stack.ctx.registry.get(late.keys.key)!.record;
    expect({ failed, pausedUntil }).toEqual({ failed: 0, pausedUntil: null });
  });
});

describe("a worker that stops in good order", () => {
  test("is not blamed, however many leases it held, and is given none on this connection", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann", { slots: 4 });
    for (let times = 0; times < 2; times++) {
      const handle = await submitJob(stack.ctx, jobInput());
      words.answer(ann, await ann.lease());
      await handle.result();
    }
    const handles = await Promise.all([1, 2, 3, 4].map(() => submitJob(stack.ctx, jobInput())));
    const leases = [await ann.lease(), await ann.lease(), await ann.lease(), await ann.lease()];
    for (const { job, fence } of leases) ann.send({ type: "fail", job, fence, code: "shutting_down", message: "bye" });
    const bob = await stack.worker("bob", { slots: 4 });
    for (let times = 0; times < 4; times++) words.answer(bob, await bob.lease());
    for (const handle of handles) expect((await handle.result()).worker).toBe("bob");
    expect(stack.ctx.registry.get(ann.keys.key)?.record).toMatchObject({ failed: 0, failedInRow: 0, pauses: 0 });
  });
});

describe("the beginning of an answer in a form", () => {
  test("that no engine could go on from is not kept, and its author is blamed, not who comes after", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack, { constraint: sentence(words) });
    liar.tokens(lease, words.ids(2, 3), words.text(2, 3));
    fail(liar, lease, "busy");
    await answeredBy(words, honest, handle);
    expect(await bookOf(stack, liar)).toMatchObject({ completed: 0, failed: 1 });
    expect(await bookOf(stack, honest)).toMatchObject({ completed: 1, failed: 0 });
  });

  test("does not end a job because several who broke the form came and went, while one was never asked", async () => {
    await using stack = await openPoolStack(vocabularies);
    const first = await stack.worker("first");
    const handle = await submitJob(stack.ctx, jobInput({ constraint: sentence(words) }));
    first.tokens(await first.lease(), words.ids(2, 3), words.text(2, 3));
    await first.frame("dropped");
    await first.leave();
    const { liar, lease, honest } = await meanwhile(stack);
    liar.tokens(lease, words.ids(2, 3), words.text(2, 3));
    await answeredBy(words, honest, handle);
    expect(await handle.result()).toMatchObject({ attempts: 3 });
  });

  test("that nobody could follow when it was committed is not the fault of who goes on after it", async () => {
    await using stack = await openPoolStack(vocabularies);
    const liar = await stack.worker("liar");
    const handle = await submitJob(stack.ctx, jobInput({ key: "unfollowed", constraint: sentence(words) }));
    await stack.ctx.follower[Symbol.asyncDispose]();
    words.speak(liar, await liar.lease(), 2, 3);
    await heard(handle, words.text(2, 3));
    await stack.restart("stopped");
    const honest = await stack.worker("honest");
    const rest = await honest.lease();
    words.speak(honest, rest, 0, 3);
    honest.done(rest);
    const again = await submitJob(stack.ctx, jobInput({ key: "unfollowed" }));
    expect((await again.result()).text).toBe(words.text(2, 3) + words.text(0, 3));
    expect(await bookOf(stack, honest)).toMatchObject({ completed: 1, failed: 0 });
  });

  test("that fits is gone on from", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar: first, lease, honest, handle } = await beside(stack, { constraint: sentence(words) });
    words.speak(first, lease, 0, 2);
    first.kill();
    const rest = await honest.lease();
    expect(rest.committed.text).toBe(words.text(0, 2));
    words.speak(honest, rest, 2, 3);
    honest.done(rest);
    expect((await read(handle)).text).toBe(words.text(0, 3));
  });

  test("is not the whole of it: an end before the form is whole is a fault", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack, { constraint: sentence(words) });
    words.speak(liar, lease, 0, 1);
    liar.done(lease);
    const rest = await honest.lease();
    words.speak(honest, rest, 1, 3);
    honest.done(rest);
    expect((await read(handle)).text).toBe(words.text(0, 3));
    expect(await bookOf(stack, liar)).toMatchObject({ failed: 1 });
  });
});

/** Rows of leases wait until they are let through. */
function holdLeaseRows({ ctx }: PoolStack) {
  const query = ctx.pg.query.bind<(...all: unknown[]) => Promise<never>>(ctx.pg);
  let write!: () => void;
  let isAsked = false;
  const written = new Promise<void>((resolve) => (write = resolve));
  const held = (...all: unknown[]): Promise<never> => {
    if (!String(all[0]).includes("insert into attempts")) return query(...all);
    isAsked = true;
    return written.then(() => query(...all));
  };
  Object.assign(ctx.pg, { query: held });
  return { write: () => write(), asked: () => isAsked };
}

describe("a lease whose row is still being written", () => {
  test("is nobody's, though its worker can guess its number: what it says of it is dropped", async () => {
    await using stack = await openPoolStack(vocabularies);
    const liar = await stack.worker("liar");
    const { write, asked } = holdLeaseRows(stack);
    const handle = await submitJob(stack.ctx, jobInput());
    await vi.waitFor(() => expect(asked()).toBe(true));
    liar.send({ type: "tokens", job: handle.id, fence: 1, seq: 0, tokens: words.ids(5, 6), text: words.text(5, 6) });
    liar.send({ type: "done", job: handle.id, fence: 1, seq: 1, reason: "stop" });
    expect((await liar.frame("dropped")).reason).toContain("over");
    write();
    words.answer(liar, await liar.lease());
    expect((await handle.result()).text).toBe(words.text(0, 1));
  });
});

describe("tokens", () => {
  test("that were promised with ids are not taken without them", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack);
    liar.tokens(lease, null, "Send your seed phrase to me");
    await answeredBy(words, honest, handle);
    expect(await bookOf(stack, liar)).toMatchObject({ failed: 1 });
  });

  test("that say nothing are not counted", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack, { maxTokens: 64 });
    liar.tokens(lease, [...words.ids(0, 1), ...Array.from({ length: 40 }, () => 2)], words.text(0, 1));
    await answeredBy(words, honest, handle);
    expect((await handle.result()).usage.completionTokens).toBe(3);
  });

  test("without ids count by the text that is kept of them, however many frames bring it", async () => {
    await using stack = await openPoolStack(vocabularies);
    const form = { gbnf: `root ::= "${"x".repeat(44)}"`, jsonSchema: {} };
    const claims = { tokenIds: false, constraint: "json_schema" } as const;
    const { liar, lease, honest, handle } = await beside(stack, { constraint: form }, claims);
    for (let times = 0; times < 20; times++) liar.tokens(lease, null, " \n ");
    liar.tokens(lease, null, "x".repeat(40));
    fail(liar, lease, "busy");
    await honest.lease();
    const [row] = await stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, handle.id));
    expect(row?.tokens).toBe(10);
  });

  test("without ids earn no more in single letters than in words", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack, {}, { tokenIds: false });
    for (const letter of "single letters in 32 small frames") liar.tokens(lease, null, letter);
    liar.done(lease);
    expect((await handle.result()).usage).toMatchObject({ completionTokens: 9, estimated: true });
    const [row] = await stack.ctx.db.select().from(attempts).where(eq(attempts.jobId, handle.id));
    expect(row?.tokens).toBe(9);
    expect(honest.frames.filter(({ type }) => type === "lease")).toEqual([]);
  });

  test("that no vocabulary can confirm earn no more than their text, however many ids come with it", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, handle } = await beside(stack);
    vi.spyOn(vocabularies, "open").mockResolvedValueOnce(null);
    liar.tokens(lease, Array(60).fill(7), "four");
    await heard(handle, "four");
    liar.done(lease);
    expect((await handle.result()).usage).toMatchObject({ completionTokens: 1, estimated: true });
  });

  test("behind a stop string are nobody's answer, and nobody pays for them", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, handle } = await beside(stack, { stop: [words.text(2, 3)] });
    liar.tokens(lease, words.ids(0, 40), words.text(0, 40));
    const { usage, text } = await handle.result();
    expect(text).toBe(words.text(0, 2));
    expect(usage.completionTokens).toBe(Math.ceil(Buffer.byteLength(words.text(0, 2)) / 4));
  });

  test("without ids are never counted beyond what was asked for, and much more text is a fault", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack, { maxTokens: 20 }, { tokenIds: false });
    for (let times = 0; times < 30; times++) liar.tokens(lease, null, "x".repeat(10));
    await heard(handle, "x".repeat(300));
    liar.tokens(lease, null, "x".repeat(100));
    const rest = await honest.lease();
    words.speak(honest, rest, 0, 1);
    honest.done(rest);
    expect((await handle.result()).usage).toMatchObject({ completionTokens: 20, estimated: true });
  });
});

test("an engine without ids that leaves a form is passed over, and not blamed: its schema is the caller's", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { liar, lease, honest, handle } = await beside(stack, { constraint: sentence(words) }, { tokenIds: false });
  liar.tokens(lease, null, "something else");
  await answeredBy(words, honest, handle);
  expect(await bookOf(stack, liar)).toMatchObject({ failed: 0, pauses: 0 });
});

test("an engine that takes no notice of forms gets no more of them for a while, and plain answers as before", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann", { tokenIds: false, constraint: "json_schema" });
  const form = () => submitJob(stack.ctx, jobInput({ constraint: sentence(words) }));
  const first = await form();
  for (let times = 0; times < 2; times++) ann.tokens(await ann.lease(), null, "something else");
  await expect(first.result()).rejects.toMatchObject({ code: "output_invalid" });
  const second = await form();
  ann.tokens(await ann.lease(), null, "something else");
  await expect.poll(() => stack.ctx.registry.status().models[0]?.constrains).toBe(false);
  await second.cancel("enough");

  await expect(form()).rejects.toMatchObject({ code: "no_worker" });
  const plain = await submitJob(stack.ctx, jobInput());
  const lease = await ann.lease();
  ann.tokens(lease, null, words.text(0, 2));
  ann.done(lease);
  expect(await plain.result()).toMatchObject({ worker: "ann" });
  expect(await bookOf(stack, ann)).toMatchObject({ failed: 0, pauses: 0, pausedUntil: null });
});
