/** Jobs whose rows wait or run although no live job is theirs: the answer to their insert was lost, or their end was. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql } from "drizzle-orm";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { jobs } from "../db/schema.ts";
import { insertJob, takeForgotten } from "./job-rows.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

let stack: PoolStack;
beforeAll(async () => {
  stack = await openPoolStack(vocabularies);
});
afterAll(() => stack[Symbol.asyncDispose]());

async function storedOnly(fields: Partial<typeof jobs.$inferInsert> = {}) {
  const input = jobInput();
  const deadlineAt = new Date(Date.now() + 60_000);
  const row = await insertJob(stack.ctx, input, { promptTokens: 5, estimated: false, deadlineAt });
  if (row === null) throw new Error("the key was taken");
  await stack.ctx.db
    .update(jobs)
    .set({ createdAt: sql`now() - interval '1 minute'`, ...fields })
    .where(sql`id = ${row.id}`);
  return { input, id: row.id };
}

test("asking again under its key goes on with it instead of refusing", async () => {
  const { input, id } = await storedOnly();
  const handle = await submitJob(stack.ctx, input);
  expect(handle.id).toBe(id);
  const worker = await stack.worker("ann", { tokenIds: false });
  const lease = await worker.lease();
  worker.tokens(lease, null, "Hello.");
  worker.done(lease);
  expect((await handle.result()).text).toBe("Hello.");
});

test("the queue takes up what has waited or whose lease has run out; not what is young, its own, or of a model that left", async () => {
  const waiting = await storedOnly();
  const lapsed = await storedOnly({ state: "leased", workerId: "gone", leaseExpiresAt: new Date(0) });
  const young = await storedOnly({ createdAt: sql`now()` as never });
  const leased = await storedOnly({ state: "leased", workerId: "w", leaseExpiresAt: new Date(Date.now() + 60_000) });
  const own = await storedOnly();
  const gone = await storedOnly({ model: "left-the-catalogue" });
  const taken = await takeForgotten(stack.ctx, { except: [own.id], models: [...stack.ctx.catalogue.keys()] });
  const ids = taken.map(({ id }) => id);
  expect(ids.toSorted()).toEqual([waiting.id, lapsed.id].toSorted());
  for (const { id } of [young, leased, own, gone]) expect(ids).not.toContain(id);
  expect(taken.every(({ state }) => state === "queued")).toBe(true);
});
