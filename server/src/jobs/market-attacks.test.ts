/** What a hostile machine gains by breaking off late, and by changing what it serves: nothing that lasts. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLOSE } from "@starai/protocol/worker-frames";
import { openPoolStack, plumbingModel, jobInput, testVocabularies } from "../testing/pool-stack.ts";
import { ScriptedWorker } from "../testing/scripted-worker.ts";
import { Words, heard } from "../testing/words.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

test("a machine that drops each answer at its last word is paused and its score falls, also for the next server, and the answers are whole", async () => {
  await using stack = await openPoolStack(vocabularies);
  const dropper = await stack.worker("drops at 99 %");
  const pausedFor: number[] = [];
  const { record } = stack.ctx.registry.get(dropper.keys.key)!;
  for (let round = 0; round < 3; round++) {
    const handle = await submitJob(stack.ctx, jobInput());
    const lease = await dropper.lease();
    words.speak(dropper, lease, 0, 50);
    const { job, fence } = lease;
    const honest = await stack.worker(`honest ${round}`);
    dropper.send({ type: "fail", job, fence, code: "engine_crashed", message: "again" });
    const rest = await honest.lease();
    expect(rest.committed.text).toBe(words.text(0, 50));
    words.speak(honest, rest, 50, 51);
    honest.done(rest);
    expect((await handle.result()).text).toBe(words.text(0, 51));
    await honest.leave();
    const now = stack.ctx.monotonic();
    pausedFor.push(record.pausedForMs(now));
    // Its pause is taken back, so that it gets the next job; what it did is not forgotten.
    record.pausedUntil = null;
  }
  expect(pausedFor[0]).toBeGreaterThan(0);
  expect(record).toMatchObject({ failed: 3, proven: false });
  expect(record.score(stack.ctx.monotonic()).bad).toBeGreaterThan(2.9);
  // Another server knows it, too, and by how much.
  await stack.restart("stopped");
  await dropper.join(stack.url);
  const known = stack.ctx.registry.get(dropper.keys.key)!.record.score(stack.ctx.monotonic());
  expect(known.bad).toBeGreaterThan(2.9);
  expect(known.bad).toBeLessThanOrEqual(3);
  expect(known.good).toBe(0);
});

test("a machine cannot announce another file over its connection, and after coming back with one it gets no job and keeps no lease", async () => {
  await using stack = await openPoolStack(vocabularies);
  const worker = await stack.worker("turncoat");
  const handle = await submitJob(stack.ctx, jobInput());
  const lease = await worker.lease();
  words.speak(worker, lease, 0, 2);
  await heard(handle, words.text(0, 2));
  const other = plumbingModel({ sha256: "0".repeat(64) });
  worker.send({ type: "ready", name: "turncoat", version: "test", devices: [], models: [other], holding: [] });
  expect(await worker.closing()).toMatchObject({ code: CLOSE.badFrame });
  const back = new ScriptedWorker("turncoat", [other], worker.keys);
  const welcome = await back.join(stack.url, [{ job: lease.job, fence: lease.fence, nextSeq: 2 }]);
  expect(welcome.resume).toEqual([]);
  const honest = await stack.worker("honest");
  const rest = await honest.lease();
  // The old lease is replayed over the new connection: it changes nothing.
  words.speak(back, lease, 20, 22);
  words.speak(honest, rest, 2, 3);
  honest.done(rest);
  expect((await handle.result()).text).toBe(words.text(0, 3));
  expect(back.frames.filter(({ type }) => type === "lease")).toEqual([]);
  back.kill();
});
