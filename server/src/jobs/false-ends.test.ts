/** A worker's word that an answer is over is checked: of a length that was not reached, of nothing, of half a form. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { submitJob } from "./submit-job.ts";
import { answeredBy, beside, bookOf, sentence } from "../testing/liars.ts";
import { Words, heard } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

describe("an end that is not true", () => {
  test.each([
    ["moves the job", () => undefined],
    [
      "moves the job also where the prompt could only be estimated, as in the first seconds of a server",
      () => vi.spyOn(vocabularies, "open").mockResolvedValueOnce(null),
    ],
  ])("of a length that was not reached %s", async (_, begin) => {
    await using stack = await openPoolStack(vocabularies);
    begin();
    const { liar, lease, honest, handle } = await beside(stack, { maxTokens: 50 });
    words.speak(liar, lease, 0, 1);
    liar.done(lease, "length");
    const rest = await honest.lease();
    words.speak(honest, rest, 1, 3);
    honest.done(rest);
    expect(await handle.result()).toMatchObject({ text: words.text(0, 3), finishReason: "stop", worker: "honest" });
  });

  test("of a length is taken for true when the only worker says twice that its context is full", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    vi.spyOn(vocabularies, "open").mockResolvedValueOnce(null);
    const handle = await submitJob(stack.ctx, jobInput({ maxTokens: 50 }));
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 1);
    ann.done(lease, "length");
    ann.done(await ann.lease(), "length");
    expect(await handle.result()).toMatchObject({ text: words.text(0, 1), finishReason: "length" });
  });

  test("without a word moves the job, and is a fault once another has written the answer", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack);
    liar.done(lease);
    await answeredBy(words, honest, handle);
    expect(stack.ctx.registry.get(liar.keys.key)?.failed).toBe(1);
  });

  test("without a word of the form that was asked for is a fault, whoever says it", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack, { constraint: sentence(words) });
    liar.done(lease);
    await answeredBy(words, honest, handle);
    // How an attempt ended is written behind the reader's back.
    await expect.poll(() => bookOf(stack, liar)).toMatchObject({ failed: 1 });
  });

  test("after the first words of another is asked of a third, and the answer goes on", async () => {
    await using stack = await openPoolStack(vocabularies);
    const { liar, lease, honest, handle } = await beside(stack);
    words.speak(liar, lease, 0, 1);
    await heard(handle, words.text(0, 1));
    liar.send({ type: "fail", job: lease.job, fence: lease.fence, code: "engine_crashed", message: "gone" });
    honest.done(await honest.lease());
    const third = await stack.worker("third");
    const rest = await third.lease();
    expect(rest.committed.text).toBe(words.text(0, 1));
    words.speak(third, rest, 1, 3);
    third.done(rest);
    expect(await handle.result()).toMatchObject({ text: words.text(0, 3), finishReason: "stop" });
  });

  test("is taken for true when the only worker says twice that there is nothing to say", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    ann.done(await ann.lease());
    ann.done(await ann.lease());
    expect(await handle.result()).toMatchObject({ text: "", finishReason: "stop" });
  });
});

test("an end for length is not believed either after a restart, when an earlier attempt told no ids", async () => {
  await using stack = await openPoolStack(vocabularies);
  const input = jobInput({ maxTokens: 50 });
  const { liar, lease } = await beside(stack, input, { tokenIds: false });
  liar.tokens(lease, null, words.text(0, 1));
  await liar.frame("stored");
  await stack.restart("stopped");
  const [second, honest] = [await stack.worker("second"), await stack.worker("later")];
  const handle = await submitJob(stack.ctx, input);
  const { worker, rest } = await Promise.race(
    [second, honest].map(async (one) => ({ worker: one, rest: await one.lease() })),
  );
  worker.done(rest, "length");
  const other = worker === second ? honest : second;
  const last = await other.lease();
  expect(last.committed.text).toBe(words.text(0, 1));
  words.speak(other, last, 1, 2);
  other.done(last);
  expect(await handle.result()).toMatchObject({ text: words.text(0, 2), finishReason: "stop" });
});
