/** What a worker commits to with its `done` is computed again here, and another commitment is not taken. */
import { createHash } from "node:crypto";
import { commitmentHead, idBytes } from "@starai/protocol/commitment";
import { afterAll, beforeAll, expect, test } from "vitest";
import { machineFacts } from "../pool/machine-facts.ts";
import { answeredBy, beside, bookOf } from "../testing/liars.ts";
import { openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { Lease } from "@starai/protocol/worker-frames";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";
import { Words } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

const shaOf = ({ models }: ScriptedWorker) => models[0]!.sha256;

function committed(worker: ScriptedWorker, { job, fence }: Lease, ids: readonly number[]): string {
  const head = commitmentHead({ job, fence, sha256: shaOf(worker) });
  return createHash("sha256").update(head).update(idBytes(ids)).digest("hex");
}

test("a true commitment ends the job, also one to the rest of an answer that another worker began", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { liar: first, lease, honest, handle } = await beside(stack);
  words.speak(first, lease, 0, 1);
  first.send({ type: "fail", job: lease.job, fence: lease.fence, code: "engine_crashed", message: "gone" });
  const rest = await honest.lease();
  words.speak(honest, rest, 1, 3);
  honest.done(rest, "stop", { commitment: committed(honest, rest, words.ids(1, 3)) });
  expect(await handle.result()).toMatchObject({ text: words.text(0, 3), worker: "honest", attempts: 2 });
});

test.each([
  ["other ids", (liar: ScriptedWorker, lease: Lease) => committed(liar, lease, words.ids(0, 2))],
  ["another lease", (liar: ScriptedWorker, lease: Lease) => committed(liar, { ...lease, fence: 9 }, words.ids(0, 1))],
  ["nothing that is known", () => "5a".repeat(32)],
])("a commitment to %s is a fault, and what it had written goes on with another worker", async (_, lie) => {
  await using stack = await openPoolStack(vocabularies);
  const { liar, lease, honest, handle } = await beside(stack);
  words.speak(liar, lease, 0, 1);
  liar.done(lease, "stop", { commitment: lie(liar, lease) });
  const rest = await honest.lease();
  expect(rest.committed.text).toBe(words.text(0, 1));
  words.speak(honest, rest, 1, 3);
  honest.done(rest);
  expect((await handle.result()).worker).toBe("honest");
  await expect.poll(() => bookOf(stack, liar)).toMatchObject({ failed: 1 });
  const [facts] = (await machineFacts(stack.ctx, [liar.keys.key])).values();
  expect(facts).toMatchObject({
    why: expect.arrayContaining(["paused"]),
    reason: expect.stringContaining("commitment"),
  });
  const attempt = await stack.ctx.pg.query(`select "end", is_false from attempts where fence = $1`, [lease.fence]);
  expect(attempt.rows).toEqual([
    { end: "false end: its commitment is not of the token ids that it sent", is_false: true },
  ]);
});

test("a worker without commitments is as welcome as ever, and one without ids may send any", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { liar: old, lease, handle } = await beside(stack);
  words.answer(old, lease);
  expect((await handle.result()).worker).toBe("liar");
  await using other = await openPoolStack(vocabularies);
  const without = await beside(other, {}, { tokenIds: false });
  without.liar.tokens(without.lease, null, words.text(0, 1));
  without.liar.done(without.lease, "stop", { commitment: "5a".repeat(32) });
  expect((await without.handle.result()).worker).toBe("liar");
});

test("what is no hash is no frame: the connection ends, and the job moves", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { liar, lease, honest, handle } = await beside(stack);
  liar.done(lease, "stop", { commitment: "not a hash" });
  await expect.poll(() => liar.closed?.code).toBe(1002);
  await answeredBy(words, honest, handle);
});
