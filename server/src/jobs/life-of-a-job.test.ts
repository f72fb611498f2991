import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobInput, openPoolHouse, testVocabularies } from "../pool/test-pool-house.ts";
import type { ScriptedWorker } from "../pool/scripted-worker.ts";
import type { Lease } from "@starai/protocol/worker-frames";
import type { JobEvent, JobHandle } from "./job.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
/** Ids of the plumbing model and the text of each. */
let words: { id: number; text: string }[] = [];

beforeAll(async () => {
  const vocabulary = (await vocabularies.open("smollm2-135m"))!;
  for (let id = 2_000; words.length < 60; id += 37) {
    const text = await vocabulary.decode([id]);
    if (/^ ?[a-z]+$/.test(text)) words.push({ id, text });
  }
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** Speaks words `from` to `to`, one frame each. */
function speak(worker: ScriptedWorker, lease: Lease, from: number, to: number): void {
  for (const word of words.slice(from, to)) worker.tokens(lease, [word.id], word.text);
}

function textOf(from: number, to: number): string {
  return words
    .slice(from, to)
    .map((word) => word.text)
    .join("");
}

async function read(handle: JobHandle): Promise<{ text: string; events: JobEvent[] }> {
  const events: JobEvent[] = [];
  for await (const event of handle.events()) events.push(event);
  return { events, text: events.map((event) => (event.kind === "text" ? event.text : "")).join("") };
}

/** Waits until readers have been told this many characters. */
async function heard(handle: JobHandle, characters: number): Promise<string> {
  let text = "";
  for await (const event of handle.events()) {
    if (event.kind === "text") text += event.text;
    if (text.length >= characters) return text;
  }
  throw new Error(`the job ended after ${text.length} characters`);
}

describe("a job", () => {
  test("is leased to a worker, and its text and usage come back", async () => {
    await using house = await openPoolHouse(vocabularies);
    const worker = await house.worker("ann");
    const handle = await submitJob(house.ctx, jobInput());
    const lease = await worker.lease();
    speak(worker, lease, 0, 3);
    worker.done(lease);
    const { text, events } = await read(handle);
    expect(text).toBe(textOf(0, 3));
    expect(await handle.result()).toMatchObject({
      text: textOf(0, 3),
      finishReason: "stop",
      usage: { completionTokens: 3, estimated: false },
      worker: "ann",
      attempts: 1,
    });
    expect(events.at(-1)?.kind).toBe("done");
  });

  test("goes on at another worker after the last committed token when its worker is killed", async () => {
    await using house = await openPoolHouse(vocabularies);
    const ann = await house.worker("ann");
    const handle = await submitJob(house.ctx, jobInput({ maxTokens: 10 }));
    const reading = read(handle);
    speak(ann, await ann.lease(), 0, 4);
    await heard(handle, textOf(0, 4).length);
    const bob = await house.worker("bob");
    ann.kill();
    const lease = await bob.lease();
    expect(lease).toMatchObject({
      fence: 2,
      maxTokens: 6,
      committed: { text: textOf(0, 4), tokens: words.slice(0, 4).map((word) => word.id) },
    });
    speak(bob, lease, 4, 7);
    bob.done(lease);
    expect((await reading).text).toBe(textOf(0, 7));
    expect(await handle.result()).toMatchObject({ attempts: 2, worker: "bob", usage: { completionTokens: 7 } });
  });
});
