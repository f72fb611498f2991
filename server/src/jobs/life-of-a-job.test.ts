import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLOSE } from "@starai/protocol/worker-frames";
import { workers } from "../db/schema.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { submitJob } from "./submit-job.ts";
import { attemptsOf, rowOf } from "../testing/job-rows.ts";
import { sentence } from "../testing/liars.ts";
import { Words, heard, read } from "../testing/words.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

/** No lease can be written, though jobs can. */
const DISK_FULL = `
  create function no_room() returns trigger language plpgsql as
    $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$;
  create trigger no_room before update on jobs execute function no_room()`;

describe("a job", () => {
  test("is leased, its text streams, and its end is in the books", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 3);
    ann.done(lease);
    const { text, events } = await read(handle);
    expect(text).toBe(words.text(0, 3));
    expect(events.at(-1)?.kind).toBe("done");
    const usage = { promptTokens: expect.any(Number) as number, completionTokens: 3, estimated: false };
    expect(await handle.result()).toMatchObject({ text, finishReason: "stop", usage, worker: "ann", attempts: 1 });
    expect(await rowOf(stack, handle)).toMatchObject({
      state: "done",
      committedText: text,
      completionTokens: 3,
      fence: 1,
    });
    expect(await attemptsOf(stack, handle)).toEqual([{ fence: 1, end: "done", tokens: 3 }]);
    expect(await stack.ctx.db.select().from(workers)).toMatchObject([{ completed: 1, failed: 0 }]);
  });

  test("tells its worker what is stored, so that it can forget it", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 3);
    expect(await ann.frame("stored")).toMatchObject({ job: handle.id, fence: 1, seq: 3 });
    expect(await rowOf(stack, handle)).toMatchObject({
      committedText: words.text(0, 3),
      committedTokens: words.ids(0, 3),
    });
    ann.done(lease);
    expect(await ann.frame("stored")).toMatchObject({ seq: 4 });
  });

  test("ends before a stop string, of which no reader sees a letter", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const stop = words.text(2, 4);
    const handle = await submitJob(stack.ctx, jobInput({ stop: [stop] }));
    const reading = read(handle);
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 6);
    expect((await reading).text).toBe(words.text(0, 2));
    expect(await handle.result()).toMatchObject({ text: words.text(0, 2), finishReason: "stop" });
    expect(await ann.frame("cancel")).toMatchObject({ job: handle.id });
  });

  test("shows what looked like a stop string once it is none", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput({ stop: [`${words.text(1, 2)}!`] }));
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 2);
    ann.done(lease);
    expect((await read(handle)).text).toBe(words.text(0, 2));
  });

  test("takes text without ids as it is, and marks its usage as estimated", async () => {
    await using stack = await openPoolStack(vocabularies);
    const url = await stack.worker("url", { tokenIds: false, constraint: "json_schema" });
    const handle = await submitJob(stack.ctx, jobInput());
    const lease = await url.lease();
    for (const text of ["tw", "elve", " ", "chars"]) url.tokens(lease, null, text);
    url.done(lease);
    expect(await handle.result()).toMatchObject({
      text: "twelve chars",
      usage: { completionTokens: 3, estimated: true },
    });
  });

  test("stores what PostgreSQL cannot hold as a replacement character", async () => {
    await using stack = await openPoolStack(vocabularies);
    const url = await stack.worker("url", { tokenIds: false });
    const handle = await submitJob(stack.ctx, jobInput({ turns: [{ role: "user", content: "nul\0nul" }] }));
    const lease = await url.lease();
    url.tokens(lease, null, "a\0b");
    url.done(lease);
    expect(await handle.result()).toMatchObject({ text: "a\uFFFDb" });
  });
});

/** Writes of such a state take a while, in which other things may happen to the job. */
const late = (state: string, then: string) => `
  create function late() returns trigger language plpgsql as $$ begin perform pg_sleep(2); ${then}; end $$;
  create trigger late before update on jobs for each row when (new.state = '${state}') execute function late()`;
const LEASES_REFUSED_LATE = late("leased", "raise exception 'not now'");
const CANCELLED_LATE = late("cancelled", "return new");
const SLEEPING = "select from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()";

describe("a lease that could not be written", () => {
  test("of a job that was cancelled meanwhile ended with the job, and is not lost once more", async () => {
    await using stack = await openPoolStack(vocabularies);
    await stack.worker("ann");
    await stack.ctx.pg.query(LEASES_REFUSED_LATE);
    const handle = await submitJob(stack.ctx, jobInput());
    await expect.poll(async () => (await stack.ctx.pg.query(SLEEPING)).rowCount).toBe(1);
    await handle.cancel("the person pressed Stop");
    await expect(handle.result()).rejects.toMatchObject({ code: "cancelled" });
    await expect.poll(async () => (await stack.ctx.pg.query(SLEEPING)).rowCount).toBe(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { values } = await stack.ctx.events.metrics.leasesEnded.get();
    expect(values).toMatchObject([{ labels: { reason: "cancelled" }, value: 1 }]);
  });

  test("is no attempt, its worker hears nothing of it, and the job is leased again", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    await stack.ctx.pg.query(DISK_FULL);
    const handle = await submitJob(stack.ctx, jobInput());
    await expect.poll(() => stack.ctx.health.storage).toBe("full");
    await stack.ctx.pg.query("drop trigger no_room on jobs");
    const { job, fence } = await ann.lease();
    expect(job).toBe(handle.id);
    expect(fence).toBeGreaterThan(1);
    expect(ann.frames.map(({ type }) => type)).not.toContain("cancel");
  });
});

test("a lease that could not be written does not hide that everybody here leaves the form", async () => {
  await using stack = await openPoolStack(vocabularies);
  const ann = await stack.worker("ann", { tokenIds: false, constraint: "json_schema" });
  await stack.ctx.pg.query(DISK_FULL);
  const handle = await submitJob(stack.ctx, jobInput({ constraint: sentence(words) }));
  await expect.poll(() => stack.ctx.health.storage).toBe("full");
  await stack.ctx.pg.query("drop trigger no_room on jobs");
  for (let times = 0; times < 2; times++) ann.tokens(await ann.lease(), null, "something else");
  await expect.poll(async () => (await rowOf(stack, handle)).state).toBe("failed");
  await expect(handle.result()).rejects.toMatchObject({ code: "output_invalid" });
});

describe("a job nobody waits for", () => {
  test("is cancelled at its worker and for its readers", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const handle = await submitJob(stack.ctx, jobInput());
    const reading = read(handle);
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 2);
    await heard(handle, words.text(0, 2));
    await handle.cancel("the person pressed Stop");
    expect(await ann.frame("cancel")).toMatchObject({ job: handle.id, fence: 1 });
    expect((await reading).events.at(-1)).toMatchObject({ kind: "failed", code: "cancelled" });
    expect(await rowOf(stack, handle)).toMatchObject({ state: "cancelled", committedText: words.text(0, 2) });
    expect(stack.ctx.registry.status().running).toBe(0);
  });

  test("is given to nobody while its cancellation is being written, and its worker's place is free afterwards", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const first = await submitJob(stack.ctx, jobInput());
    const lease = await ann.lease();
    const second = await submitJob(stack.ctx, jobInput());
    await stack.ctx.pg.query(CANCELLED_LATE);
    const cancelling = second.cancel("changed my mind");
    await expect.poll(async () => (await stack.ctx.pg.query(SLEEPING)).rowCount).toBe(1);
    words.answer(ann, lease);
    await first.result();
    await cancelling;
    await expect(second.result()).rejects.toMatchObject({ code: "cancelled" });
    expect(stack.ctx.registry.status().running).toBe(0);
  });

  test("is cancelled while it waits, and never leased", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const first = await submitJob(stack.ctx, jobInput());
    const lease = await ann.lease();
    const second = await submitJob(stack.ctx, jobInput());
    await second.cancel("changed my mind");
    words.answer(ann, lease);
    await first.result();
    await expect(second.result()).rejects.toMatchObject({ code: "cancelled" });
    expect(await attemptsOf(stack, second)).toEqual([]);
  });

  test("ends at its deadline, waiting or running", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const running = await submitJob(stack.ctx, jobInput({ deadlineMs: 1_000 }));
    await ann.lease();
    const waiting = await submitJob(stack.ctx, jobInput({ deadlineMs: 500 }));
    await expect(waiting.result()).rejects.toMatchObject({ code: "deadline" });
    await expect(running.result()).rejects.toMatchObject({ code: "deadline" });
    expect(await ann.frame("cancel")).toMatchObject({ job: running.id });
  });
});

describe("a server that restarts", () => {
  test.each(["stopped", "crashed"] as const)("goes on with the jobs of one that was %s", async (how) => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const input = jobInput({ maxTokens: 10 });
    const before = await submitJob(stack.ctx, input);
    const lease = await ann.lease();
    words.speak(ann, lease, 0, 4);
    await ann.frame("stored");
    await stack.restart(how);
    expect((await ann.closing()).code).toBe(CLOSE.drain);
    await expect(before.result()).rejects.toMatchObject({ code: "interrupted" });
    const after = await submitJob(stack.ctx, input);
    expect(after.id).toBe(before.id);
    const welcome = await ann.join(stack.url, [{ job: lease.job, fence: 1, nextSeq: 4 }]);
    expect(welcome.resume).toEqual([]);
    const rest = await ann.lease();
    expect(rest).toMatchObject({ fence: 2, maxTokens: 6, committed: { text: words.text(0, 4) } });
    words.speak(ann, rest, 4, 6);
    ann.done(rest);
    expect((await read(after)).text).toBe(words.text(0, 6));
  });

  test("finishes a job of which every token had come", async () => {
    await using stack = await openPoolStack(vocabularies);
    const ann = await stack.worker("ann");
    const input = jobInput({ maxTokens: 3 });
    await submitJob(stack.ctx, input);
    words.speak(ann, await ann.lease(), 0, 3);
    await ann.frame("stored");
    await stack.restart("crashed");
    const after = await submitJob(stack.ctx, input);
    expect(await after.result()).toMatchObject({ text: words.text(0, 3), finishReason: "length" });
  });
});
