/** A person's threads as the Mini App shows them, through the real application and its typed client, in process. */
import { describe, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import type { Change } from "@starai/protocol/changes";
import { answerOf } from "../client.ts";
import { people, threads } from "../db/schema.ts";
import { answers } from "../testing/scripted-thinking.ts";
import type { TestApp } from "../testing/app.ts";
import { botOf, inOneApp, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
inOneApp((opened, person) => ([stack, ann] = [opened, person]));

describe("the list", () => {
  test("finds words in Russian and English by stem, by the beginning of the last one, and in titles", async () => {
    const { thread: cats } = await ann.talk("Мои кошки любят играть в коробках", "переписка");
    const { thread: runs } = await ann.talk("He was running through the forest");
    await ann.change(runs, { title: "Дневник бегуна" });
    const found = async (q: string) => (await ann.list({ q })).threads.map(({ id }) => id);
    expect(await found("кошка")).toEqual([cats]);
    expect(await found("коробк")).toEqual([cats]);
    expect(await found("перепис")).toEqual([cats]);
    expect(await found("run")).toEqual([runs]);
    expect(await found("runnin")).toEqual([runs]);
    expect(await found("дневники")).toEqual([runs]);
    expect(await found('"through the forest"')).toEqual([runs]);
    expect(await found("кошка -коробка")).toEqual([]);
    for (const nothing of ["слон", "'; drop table threads; --", "<script>", "& | ! :*"])
      expect((await found(nothing)).length).toBeLessThanOrEqual(nothing.startsWith("&") ? 2 : 0);
    const { threads: hits } = await ann.list({ q: "кошка" });
    const excerpt = hits[0]?.match?.excerpt ?? [];
    expect(excerpt.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(["кошки"]);
    expect(excerpt.map(({ text }) => text).join("")).toContain("любят играть");
  });

  test("is paged without a thread lost or doubled, also in 2,000, newest first", async () => {
    const person = (await stack.ctx.db.select().from(people).where(eq(people.telegramId, ann.telegramId)))[0]!;
    await stack.ctx.db.insert(threads).values(
      Array.from({ length: 2_000 }, (_, index) => ({
        personId: person.id,
        chat: ann.chat,
        title: `thread ${index}`,
        current: false,
        updatedAt: new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 3) * 1_000),
      })),
    );
    const seen: string[] = [];
    let before: string | null = "";
    let last = Number.POSITIVE_INFINITY;
    for (let page = 0; page < 41 && before !== null; page++) {
      const answer = await ann.list(before === "" ? {} : { before });
      for (const { id, updatedAt } of answer.threads) {
        expect(Date.parse(updatedAt)).toBeLessThanOrEqual(last);
        last = Date.parse(updatedAt);
        seen.push(id);
      }
      before = answer.before;
    }
    expect(before).toBeNull();
    expect(new Set(seen).size).toBe(2_000);
    expect(seen).toHaveLength(2_000);
    await expect(ann.list({ before: "nonsense" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("returns an untouched new thread instead of a second one, and one thread at a time is the chat's", async () => {
    const empty = await ann.newThread();
    expect(await ann.newThread()).toBe(empty);
    const { thread: first, run } = await ann.write("in the chat");
    await stack.ended(run);
    await ann.change(empty, { current: true });
    const next = await ann.write("goes on there");
    expect(next.thread).toBe(empty);
    await stack.ended(next.run);
    await answerOf(() =>
      botOf(stack).api.chats[":chat"].current.$post({ param: { chat: ann.chat }, json: { thread: first } }),
    );
    expect((await ann.list()).threads.filter(({ current }) => current).map(({ id }) => id)).toEqual([first]);
    const together = await Promise.allSettled([
      ann.change(empty, { current: true }),
      ann.change(first, { current: true }),
    ]);
    expect(together.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect((await ann.list()).threads.filter(({ current }) => current)).toHaveLength(1);
  });
});

describe("a thread's model and persona", () => {
  test("are its own, before the person's; choosing in the chat takes the thread's own away", async () => {
    const { thread, run } = await ann.write("hello");
    await stack.ended(run);
    const modelOfNext = async () => {
      const { run: next } = await ann.send(thread, "which?");
      await stack.ended(next);
      return (await answerOf(() => ann.my.runs[":id"].$get({ param: { id: next } }))).model;
    };
    await answerOf(() => ann.my.model.$put({ json: { model: "qwen2.5-coder-0.5b" } }));
    expect(await modelOfNext()).toBe("qwen2.5-coder-0.5b");
    await ann.change(thread, { model: "smollm2-135m" });
    expect(await modelOfNext()).toBe("smollm2-135m");
    const param = { telegramId: String(ann.telegramId) };
    expect(await answerOf(() => botOf(stack).api.people[":telegramId"].model.$get({ param }))).toEqual({
      model: "smollm2-135m",
      chosen: true,
    });
    const json = { name: "Ann", language: "en", model: "qwen2.5-coder-1.5b" };
    await answerOf(() => botOf(stack).api.people[":telegramId"].model.$put({ param, json }));
    expect(await modelOfNext()).toBe("qwen2.5-coder-1.5b");
    await expect(ann.change(thread, { model: "gone" })).rejects.toMatchObject({ code: "model_not_found" });
  });

  test("reach the model with the question, after what all runs share, from the chat and from the app alike", async () => {
    const given: string[][] = [];
    stack.thinking.script = ({ question, turns }) => {
      given.push(turns);
      return answers(question);
    };
    const persona = await answerOf(() =>
      botOf(stack).api.chats[":chat"].persona.$put({
        param: { chat: ann.chat },
        json: { person: ann.telegram, persona: "concise" },
      }),
    );
    await stack.ended((await ann.write("plainly")).run);
    await ann.change(persona.thread ?? "", { instructions: "Call me captain.\0" });
    await stack.ended((await ann.send(persona.thread ?? "", "again")).run);
    expect(given[0]?.at(-1)).toContain("As briefly as possible");
    expect(given[1]?.find((turn) => turn.includes("captain"))).toContain("As briefly as possible");
    expect(await answerOf(() => botOf(stack).api.chats[":chat"].persona.$get({ param: { chat: ann.chat } }))).toEqual({
      thread: persona.thread,
      persona: "concise",
      instructions: "Call me captain.",
    });
    await expect(ann.change(persona.thread ?? "", { instructions: "x".repeat(1_001) })).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(ann.change(persona.thread ?? "", { persona: "villain" as never })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});

test("a person's windows are notified what to reload, and nobody else's", async () => {
  const stop = new AbortController();
  const hints: Change[] = [];
  const others: Change[] = [];
  const stranger = await newPerson(stack);
  void (async () => {
    for await (const hint of ann.changes(stop.signal)) hints.push(hint);
  })();
  void (async () => {
    for await (const hint of stranger.changes(stop.signal)) others.push(hint);
  })();
  await expect.poll(() => [hints.length, others.length]).toEqual([1, 1]);
  const { thread, run } = await ann.write("hello");
  await stack.ended(run);
  await ann.change(thread, { title: "Hi" });
  await answerOf(() => ann.my.language.$put({ json: { language: "ru" } }));
  await answerOf(() => ann.my.threads[":id"].$delete({ param: { id: thread } }));
  await expect.poll(() => hints.at(-1)).toEqual({ type: "deleted", id: thread });
  const kinds = new Set(hints.map(({ type }) => type));
  expect([...kinds].sort()).toEqual(["all", "deleted", "profile", "run", "thread"]);
  expect(others).toEqual([{ type: "all" }]);
  stop.abort();
});

test("a thread is exported as its branch in Markdown and as its tree in JSON", async () => {
  const { thread, asked } = await ann.talk("cats");
  await stack.ended((await ann.send(thread, "dogs", { edits: asked[0]!.message })).run);
  await ann.change(thread, { title: 'Pets: "all"/../of\r\nthem' });
  const get = (format: "md" | "json") =>
    ann.my.threads[":id"].export.$get({ param: { id: thread }, query: { format } });
  const markdown = await get("md");
  expect(markdown.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''Pets-all-of-them.md");
  const text = await markdown.text();
  expect(text).toContain("You said: dogs");
  expect(text).not.toContain("cats");
  const tree = JSON.parse(await (await get("json")).text()) as { messages: { text: string }[] };
  expect(tree.messages.map((message) => message.text)).toEqual(["cats", "You said: cats", "dogs", "You said: dogs"]);
});
