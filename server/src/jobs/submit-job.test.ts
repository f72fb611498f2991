import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobs } from "../db/schema.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { pruneFinished } from "./prune-finished.ts";
import { submitJob } from "./submit-job.ts";
import { Words, read } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

describe("one key", () => {
  test("is one job, however often and however nearly at once it is submitted", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const input = jobInput();
    const handles = await Promise.all([1, 2, 3].map(() => submitJob(stack.ctx, input)));
    expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 2);
    ann.done(lease);
    for (const handle of handles) expect((await read(handle)).text).toBe(words.text(0, 2));
    expect(await stack.ctx.db.select().from(jobs)).toHaveLength(1);
  });

  test("replays a job that has ended, text and end, also when only its row is left", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const input = jobInput();
    const first = await submitJob(stack.ctx, input);
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 2);
    ann.done(lease);
    const result = await first.result();
    await ann.leave();
    const again = await submitJob(stack.ctx, input);
    const { text, events } = await read(again);
    expect(text).toBe(words.text(0, 2));
    expect(events.map((event) => event.kind)).toEqual(["text", "done"]);
    expect(await again.result()).toMatchObject({ text: result.text, usage: result.usage, worker: "ann" });
  });

  test("of a job whose model left the catalogue is refused, and not answered half", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const input = jobInput();
    const first = await submitJob(stack.ctx, input);
    words.answer(ann, await ann.lease());
    await first.result();
    await stack.ctx.pg.query("update jobs set model = 'a model of last year'");
    await expect(submitJob(stack.ctx, input)).rejects.toMatchObject({ code: "conflict" });
  });

  test("of somebody else's job is refused", async () => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann");
    const input = jobInput();
    await submitJob(stack.ctx, input);
    await expect(submitJob(stack.ctx, { ...input, owner: "person:two" })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a job is refused", () => {
  test("when its model is not in the catalogue, naming what is online", async () => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann");
    const refusal = submitJob(stack.ctx, jobInput({ model: "gpt-9" }));
    await expect(refusal).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("smollm2-135m") as string,
    });
  });

  test("when nobody serves its model; but not when somebody just left", async () => {
    await using stack = await openPoolStack(vocabularies);
    await expect(submitJob(stack.ctx, jobInput())).rejects.toMatchObject({ code: "no_worker", retryAfterS: 10 });
    const ann = await stack.worker("ann");
    await ann.leave();
    await expect.poll(() => stack.ctx.registry.size).toBe(0);
    const handle = await submitJob(stack.ctx, jobInput());
    const bob = await stack.worker("bob");
    words.answer(bob, await bob.lease());
    expect(await handle.result()).toMatchObject({ text: words.text(0, 1), worker: "bob" });
  });

  test("when it waited in the queue, and the last machine has been away for as long as people are told", async () => {
    await using stack = await openPoolStack(vocabularies, { machineWaitMs: 1_000 });
    const ann = await stack.worker("ann");
    await ann.leave();
    await expect.poll(() => stack.ctx.registry.size).toBe(0);
    const handle = await submitJob(stack.ctx, jobInput());
    await expect(handle.result()).rejects.toMatchObject({ code: "no_worker" });
  });

  test("not by a server that has just started, while the workers of the last one are on their way back", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const before = await submitJob(stack.ctx, jobInput());
    words.answer(ann, await ann.lease());
    await before.result();
    await stack.restart("stopped");
    const handle = await submitJob(stack.ctx, jobInput());
    await ann.join(stack.url);
    words.answer(ann, await ann.lease());
    expect(await handle.result()).toMatchObject({ text: words.text(0, 1), worker: "ann" });
    await expect(submitJob(stack.ctx, jobInput({ model: "qwen2.5-coder-0.5b" }))).rejects.toMatchObject({
      code: "no_worker",
    });
  });

  test("when it wants a form and nobody can be held to one", async () => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann", { constraint: "none" });
    const constraint = { gbnf: 'root ::= "a"', jsonSchema: {} };
    await expect(submitJob(stack.ctx, jobInput({ constraint }))).rejects.toMatchObject({ code: "no_worker" });
    await expect(submitJob(stack.ctx, jobInput())).resolves.toBeDefined();
  });

  test("when prompt and answer do not fit, with both numbers", async () => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann", { contextTokens: 100 });
    const refusal = submitJob(stack.ctx, jobInput({ maxTokens: 99 }));
    await expect(refusal).rejects.toMatchObject({
      code: "context_overflow",
      message: expect.stringContaining("maximum context length is 100 tokens") as string,
    });
  });

  test("when its owner holds enough, or the queue is full", async () => {
    await using stack = await openPoolStack(vocabularies, { jobsPerOwnerMax: 2, queueMax: 2 });
    await stack.worker("ann");
    await submitJob(stack.ctx, jobInput());
    await submitJob(stack.ctx, jobInput());
    await expect(submitJob(stack.ctx, jobInput())).rejects.toMatchObject({ code: "queue_full", retryAfterS: 5 });
    await submitJob(stack.ctx, jobInput({ owner: "person:two" }));
    await expect(submitJob(stack.ctx, jobInput({ owner: "person:three" }))).rejects.toMatchObject({
      code: "queue_full",
      retryAfterS: 15,
    });
  });

  test.each([
    ["no turns", { turns: [] }, "turns"],
    ["no tokens to write", { maxTokens: 0 }, "maxTokens"],
    ["tokens without bound", { maxTokens: 1e9 }, "maxTokens"],
    ["an empty stop string", { stop: [""] }, "stop"],
    ["five stop strings", { stop: ["a", "b", "c", "d", "e"] }, "stop"],
    ["more bytes than a lease can carry", { turns: [{ role: "user" as const, content: "x".repeat(1_100_000) }] }, ""],
  ])("when it has %s, and nothing is stored", async (_what, over, param) => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann");
    const refusal = (await submitJob(stack.ctx, jobInput(over)).catch((error: unknown) => error)) as {
      code: string;
      param?: string;
    };
    expect(refusal.code).toBe(param === "" ? "too_large" : "invalid_request");
    expect(refusal.param ?? "").toContain(param);
    expect(await stack.ctx.db.select().from(jobs)).toEqual([]);
  });
});

describe("a bound of places", () => {
  test("holds for 100 submissions of one owner at once, tells the true number, and is free again when jobs end", async () => {
    await using stack = await openPoolStack(vocabularies, { jobsPerOwnerMax: 8, queueMax: 200 });
    const ann = await stack.worker("ann", { slots: 8 });
    const { admitted, refused } = await outcomes(
      Array.from({ length: 100 }, () => submitJob(stack.ctx, jobInput({ owner: "greedy" }))),
    );
    expect(admitted).toBe(8);
    for (const reason of refused) expect(reason.message).toContain("You have 8 requests");
    for (let index = 0; index < 8; index++) words.answer(ann, await ann.lease());
    await expect.poll(() => stack.ctx.queue.load("greedy").held).toBe(0);
    expect((await outcomes([submitJob(stack.ctx, jobInput({ owner: "greedy" }))])).admitted).toBe(1);
  });

  test("holds for the whole queue, whoever asks", async () => {
    await using stack = await openPoolStack(vocabularies, { jobsPerOwnerMax: 8, queueMax: 20 });
    await stack.worker("ann");
    const { admitted } = await outcomes(
      Array.from({ length: 100 }, (_, index) => submitJob(stack.ctx, jobInput({ owner: `person:${index}` }))),
    );
    // One of them may have its lease, and does not wait, while others still come.
    expect([20, 21]).toContain(admitted);
  });

  test("is not used up by what is refused for another reason", async () => {
    await using stack = await openPoolStack(vocabularies, { jobsPerOwnerMax: 1 });
    await stack.worker("ann", { contextTokens: 100 });
    for (let index = 0; index < 3; index++) {
      const { refused } = await outcomes([submitJob(stack.ctx, jobInput({ maxTokens: 99 }))]);
      expect(refused).toMatchObject([{ code: "context_overflow" }]);
    }
    await expect(submitJob(stack.ctx, jobInput())).resolves.toBeDefined();
  });
});

describe("a queue of one slot", () => {
  test("lets owners take turns and tells places", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const first = await submitJob(stack.ctx, jobInput({ owner: "many" }));
    const lease = await ann.lease();
    const second = await submitJob(stack.ctx, jobInput({ owner: "many" }));
    const other = await submitJob(stack.ctx, jobInput({ owner: "one" }));
    const places = read(second);
    words.answer(ann, lease);
    await first.result();
    for (const next of [other, second]) {
      const turn = await ann.lease();
      expect(turn.job).toBe(next.id);
      words.answer(ann, turn);
    }
    const queued = (await places).events.filter((event) => event.kind === "queued");
    expect(queued[0]).toMatchObject({ position: expect.any(Number) as number, etaMs: expect.any(Number) as number });
    expect(queued.map((event) => event.position)).toContain(2);
  });
});

test("a reader that never reads holds nobody up", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const handle = await submitJob(stack.ctx, jobInput());
  const lazy = handle.events()[Symbol.asyncIterator]();
  await lazy.next();
  const lease = await ann.lease();
  words.speak(ann, lease, 0, 50);
  ann.done(lease);
  expect(await handle.result()).toMatchObject({ text: words.text(0, 50) });
  await lazy.return?.(undefined);
});

test("retention deletes what ended long ago, and nothing that runs", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const ended = await submitJob(stack.ctx, jobInput());
  words.answer(ann, await ann.lease());
  await ended.result();
  const running = await submitJob(stack.ctx, jobInput());
  await ann.lease();
  expect(await pruneFinished(stack.ctx, new Date(0))).toBe(0);
  expect(await pruneFinished(stack.ctx, new Date(Date.now() + 60_000))).toBe(1);
  expect((await stack.ctx.db.select().from(jobs)).map(({ id }) => id)).toEqual([running.id]);
});

async function outcomes(all: Promise<unknown>[]) {
  const settled = await Promise.allSettled(all);
  const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
  return { admitted: settled.length - refused.length, refused };
}
