/** Answers as the Mini App follows them, through the real application and its typed client, in process. */
import { describe, expect, test } from "vitest";
import { asc, eq } from "drizzle-orm";
import type { RunEvent } from "@starai/protocol/runs";
import { answerOf } from "../client.ts";
import { jobs, messages, people, runs, threads } from "../db/schema.ts";
import { answers } from "../testing/scripted-thinking.ts";
import { launchOf } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { inOneApp, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
inOneApp((opened, person) => ([stack, ann] = [opened, person]));

/** An answer that has started and does not end by itself. */
const endless = async function* (): AsyncGenerator<string> {
  yield* answers(
    (async function* () {
      yield "partly";
      await new Promise(() => undefined);
    })(),
  );
};

async function begun(text = "long") {
  stack.thinking.script = endless;
  const asked = await ann.send(await ann.newThread(), text);
  const events: RunEvent[] = [];
  const failed: string[] = [];
  const following = (async () => {
    for await (const event of ann.runEvents(asked.run)) events.push(event);
  })().catch((error: unknown) => failed.push((error as { code: string }).code));
  await expect.poll(() => JSON.stringify(events)).toContain("partly");
  return { asked, events, failed, following };
}

describe("a streaming answer", () => {
  test("stops when its person wishes; what was written stays", async () => {
    const { asked, following } = await begun();
    await answerOf(() => ann.my.runs[":id"].cancel.$post({ param: { id: asked.run } }));
    await following;
    expect((await ann.read(asked.thread)).messages[1]).toMatchObject({ text: "partly", run: { status: "stopped" } });
  });

  test("ends as not found when its thread is deleted, and nothing of it is left", async () => {
    const { asked, events, following } = await begun("delete me");
    const waiting = await ann.send(asked.thread, "after it");
    const job = { key: `run:${asked.run}:7`, owner: `person:${ann.person.id}`, model: "m", request: {} as never };
    await stack.ctx.db.insert(jobs).values({ ...job, state: "done", deadlineAt: new Date(), finishedAt: new Date() });
    await answerOf(() => ann.my.threads[":id"].$delete({ param: { id: asked.thread } }));
    await following;
    expect(events.at(-1)).toMatchObject({ type: "end", outcome: { kind: "failed", code: "not_found" } });
    await expect(ann.read(asked.thread)).rejects.toMatchObject({ code: "not_found" });
    await expect(answerOf(() => ann.my.runs[":id"].$get({ param: { id: waiting.run } }))).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await stack.ctx.db.$count(messages, eq(messages.threadId, asked.thread))).toBe(0);
    expect(await stack.ctx.db.$count(runs, eq(runs.threadId, asked.thread))).toBe(0);
    expect(await stack.ctx.db.$count(jobs, eq(jobs.key, job.key))).toBe(0);
  });

  test("ends as signed out when its person signs out everywhere, in every window", async () => {
    const { asked, failed, following } = await begun();
    const second = await stack.signIn(ann.telegramId);
    const heard: string[] = [];
    const changes = (async () => {
      for await (const hint of second.changes()) heard.push(hint.type);
    })().catch((error: unknown) => (error as { code: string }).code);
    await expect.poll(() => heard).toEqual(["all"]);
    const { ended } = await answerOf(() => ann.session.$delete({ query: { everywhere: "true" } }));
    expect(ended).toBe(2);
    await following;
    expect(failed).toEqual(["signed_out"]);
    expect(await changes).toBe("signed_out");
    await expect(stack.signIn(ann.telegramId, ann.launch)).rejects.toMatchObject({ code: "signed_out" });
    await stack.ctx.runs.cancel(asked.run);
  });
});

test("an answer may be followed in many windows; a hundred keep at most the person's share of streams open", async () => {
  const { asked } = await begun();
  const follow = async () => {
    const headers = { authorization: `Bearer ${ann.token}` };
    const response = await stack.app.request(`/api/my/runs/${asked.run}/events`, { headers });
    return response.body!.getReader();
  };
  const before = stack.ctx.streams.count;
  const readers = await Promise.all(Array.from({ length: 100 }, follow));
  expect(stack.ctx.streams.count - before).toBeLessThanOrEqual(32);
  const newest = await follow();
  expect(new TextDecoder().decode((await newest.read()).value)).toContain("partly");
  await stack.ctx.runs.cancel(asked.run);
  for (const reader of [...readers, newest]) await reader.cancel();
  await expect.poll(() => stack.ctx.streams.count).toBe(0);
});

test("deleting my data leaves nothing of me: threads, runs, prompts, sessions; others keep theirs", async () => {
  const { asked, following } = await begun();
  const { id } = ann.person;
  const stranger = await newPerson(stack);
  await stranger.newThread();
  await answerOf(() => ann.my.data.$delete({ query: {} }));
  await following;
  const { db } = stack.ctx;
  expect(await db.$count(people, eq(people.id, id))).toBe(0);
  expect(await db.$count(threads, eq(threads.personId, id))).toBe(0);
  expect(await db.$count(runs, eq(runs.id, asked.run))).toBe(0);
  await expect(answerOf(() => ann.my.profile.$get())).rejects.toMatchObject({ code: "signed_out" });
  await expect(stack.signIn(ann.telegramId, ann.launch)).rejects.toMatchObject({ code: "signed_out" });
  expect((await stranger.list()).threads).toHaveLength(1);
  // The person may return through Telegram at any time, as a new person.
  await stack.signIn(ann.telegramId, launchOf(ann.telegramId, new Date()));
  expect(await db.select().from(people).orderBy(asc(people.createdAt))).not.toContainEqual(
    expect.objectContaining({ id }),
  );
});
