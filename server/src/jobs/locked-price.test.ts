/** A job's price is locked: no worker that asks more can have it, also when it moves and nobody else is left. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE } from "@starai/protocol/worker-frames";
import { jobInput, openPoolStack, plumbingModel, testVocabularies } from "../testing/pool-stack.ts";
import { ScriptedWorker } from "../testing/scripted-worker.ts";
import { Words, heard } from "../testing/words.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

const model = plumbingModel().id;

describe("a job with a locked price", () => {
  test("goes to a worker that asks at most that, and the quote is the smallest ask there is", async () => {
    await using stack = await openPoolStack(vocabularies);
    const needs = { constrained: false, promptTokens: 0, maxTokens: 1, person: null };
    const quoted = () => stack.ctx.registry.asksOf(model, needs).askPercent;
    expect(quoted()).toBe(100);
    await stack.worker("dear", { askPercent: 150 });
    expect(quoted()).toBe(150);
    const usual = await stack.worker("usual");
    expect(quoted()).toBe(100);
    const handle = await submitJob(stack.ctx, jobInput({ askPercentMax: 100 }));
    words.answer(usual, await usual.lease());
    expect(await handle.result()).toMatchObject({ worker: "usual" });
  });

  test("waits for such a worker when its own is lost, though a dearer one is free", async () => {
    await using stack = await openPoolStack(vocabularies);
    const [first, dear] = [await stack.worker("first"), await stack.worker("dear", { askPercent: 105 })];
    const handle = await submitJob(stack.ctx, jobInput());
    words.speak(first, await first.lease(), 0, 1);
    await heard(handle, words.text(0, 1));
    await first.leave();
    await expect.poll(() => stack.ctx.registry.size).toBe(1);
    const cheap = await stack.worker("cheap", { askPercent: 50 });
    const rest = await cheap.lease();
    expect(rest.committed.text).toBe(words.text(0, 1));
    words.speak(cheap, rest, 1, 2);
    cheap.done(rest);
    expect(await handle.result()).toMatchObject({ text: words.text(0, 2), worker: "cheap", attempts: 2 });
    expect(dear.frames.filter(({ type }) => type === "lease")).toEqual([]);
  });

  test("fails at its deadline when none is left, saying that nothing was charged", async () => {
    await using stack = await openPoolStack(vocabularies, { machineWaitMs: 100 });
    await stack.worker("dear", { askPercent: 105 });
    const handle = await submitJob(stack.ctx, jobInput({ deadlineMs: 1_500 }));
    await expect(handle.result()).rejects.toMatchObject({
      code: "deadline",
      message: expect.stringContaining("at the price that was agreed, and nothing was charged") as string,
    });
  });

  test("is as cheap after a restart", async () => {
    await using stack = await openPoolStack(vocabularies);
    const dear = await stack.worker("dear", { askPercent: 105 });
    const input = jobInput();
    await submitJob(stack.ctx, input);
    await stack.restart("crashed");
    const handle = await submitJob(stack.ctx, input);
    await dear.join(stack.url);
    const usual = await stack.worker("usual");
    words.answer(usual, await usual.lease());
    expect(await handle.result()).toMatchObject({ worker: "usual" });
  });

  test("cannot be submitted with a price that no worker may ask", async () => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann");
    const refusal = submitJob(stack.ctx, jobInput({ askPercentMax: 101 }));
    await expect(refusal).rejects.toMatchObject({ code: "invalid_request", param: "askPercentMax" });
  });
});

test("a worker whose ask is no price is refused with a sentence that says which are", async () => {
  await using stack = await openPoolStack(vocabularies);
  const worker = new ScriptedWorker("ann", [plumbingModel()]);
  worker.askPercent = 1_000;
  const joining = worker.join(stack.url);
  expect(await worker.closing()).toEqual({
    code: CLOSE.badFrame,
    reason: "bad frame: askPercent must be 50 to 300 in steps of 5, in percent",
  });
  await expect(joining).rejects.toThrow("before welcome");
  expect(stack.ctx.registry.size).toBe(0);
});

test("a free job waits for a paid one that came later, and half of a free answer does not", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann");
  const running = await submitJob(stack.ctx, jobInput({ owner: "person:one" }));
  const lease = await ann.lease();
  const free = await submitJob(stack.ctx, jobInput({ owner: "person:two", isFree: true }));
  const paid = await submitJob(stack.ctx, jobInput({ owner: "person:three" }));
  words.answer(ann, lease);
  await running.result();
  const next = await ann.lease();
  expect(next.job).toBe(paid.id);
  words.answer(ann, next);
  const last = await ann.lease();
  expect(last.job).toBe(free.id);
  words.speak(ann, last, 0, 1);
  await heard(free, words.text(0, 1));
  const later = await submitJob(stack.ctx, jobInput({ owner: "person:four" }));
  ann.send({ type: "fail", job: last.job, fence: last.fence, code: "engine_crashed", message: "it happens" });
  const rest = await ann.lease();
  expect(rest.job).toBe(free.id);
  words.answer(ann, rest);
  words.answer(ann, await ann.lease());
  await later.result();
});
