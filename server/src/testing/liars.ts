/** For tests: a worker that lies about a job, beside an honest one. */
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { workers } from "../db/schema.ts";
import type { ScriptedWorker } from "./scripted-worker.ts";
import { jobInput } from "./pool-stack.ts";
import type { PoolStack } from "./pool-stack.ts";
import type { JobHandle, JobInput } from "../jobs/job.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { read } from "./words.ts";
import type { Words } from "./words.ts";

/** A liar has the job's first lease; an honest worker, whose record makes it the next, is there from then on. */
export async function beside(stack: PoolStack, over: Partial<JobInput> = {}, claims = {}) {
  const liar = await stack.worker("liar", claims);
  const handle = await submitJob(stack.ctx, jobInput(over));
  const lease = await liar.lease();
  const honest = await stack.worker("honest");
  return { liar, lease, honest, handle };
}

/** The stored row of a worker. */
export async function bookOf(stack: PoolStack, worker: ScriptedWorker) {
  const [row] = await stack.ctx.db.select().from(workers).where(eq(workers.id, worker.keys.key));
  return row!;
}

/** The honest worker writes the whole answer from its start: nothing of the liar's was kept. */
export async function answeredBy(words: Words, honest: ScriptedWorker, handle: JobHandle) {
  const lease = await honest.lease();
  expect(lease.committed.text).toBe("");
  words.speak(honest, lease, 0, 3);
  honest.done(lease);
  expect((await read(handle)).text).toBe(words.text(0, 3));
  expect((await handle.result()).worker).toBe("honest");
}

/** A form that allows exactly the sentence of the first three scripted words. */
export const sentence = (words: Words) => ({
  gbnf: `root ::= ${[0, 1, 2].map((at) => JSON.stringify(words.text(at, at + 1))).join(" ")}`,
  jsonSchema: {},
});
