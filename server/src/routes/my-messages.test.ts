/** Messages and branches as the Mini App makes them, through the real application and its typed client, in process. */
import { describe, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { answerOf } from "../client.ts";
import { messages, threads } from "../db/schema.ts";
import { Gate, answers } from "../testing/scripted-thinking.ts";
import type { TestApp } from "../testing/app.ts";
import { botOf, inOneApp, newExternalId, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;
inOneApp((opened, person) => ([stack, ann] = [opened, person]));

describe("a message from the app", () => {
  test("is answered in its thread, names it, and is one however often it is sent", async () => {
    const thread = await ann.newThread();
    const key = newExternalId();
    const sent = await Promise.all(
      Array.from({ length: 4 }, () => ann.send(thread, "Hello there", { externalId: key })),
    );
    expect(new Set(sent.map(({ run }) => run)).size).toBe(1);
    expect(sent.filter(({ repeated }) => !repeated)).toHaveLength(1);
    await stack.ended(sent[0]!.run);
    const view = await ann.read(thread);
    expect(view).toMatchObject({ title: "Hello there", current: false, before: null });
    expect(view.messages).toMatchObject([
      { id: sent[0]!.message, parent: null, role: "user", text: "Hello there", run: null },
      {
        id: sent[0]!.answer,
        parent: sent[0]!.message,
        role: "assistant",
        text: "You said: Hello there",
        run: { status: "answered", steps: 1, attempts: 1, resumable: false, promptTokens: 100 },
      },
    ]);
  });

  test("with another person's external id is a message of one's own", async () => {
    const { asked } = await ann.talk("first");
    const key = newExternalId();
    await ann.send(asked[0]!.thread, "Ann's", { externalId: key });
    const bob = await newPerson(stack);
    const mine = await bob.send(await bob.newThread(), "Bob's", { externalId: key });
    expect(mine.repeated).toBe(false);
  });

  test("can go to the bot's current thread, and the bot is notified once to show it there", async () => {
    const { thread, run } = await ann.write("from the chat");
    await stack.ended(run);
    const bot = botOf(stack);
    const reader = new AbortController();
    const wakes: string[] = [];
    const listening = (async () => {
      for await (const { type } of bot.feed(reader.signal)) if (wakes.push(type) === 2) reader.abort();
    })();
    await expect.poll(() => wakes).toEqual(["all"]);
    const asked = await ann.send(thread, "from the app");
    await listening;
    expect(wakes).toEqual(["all", "mirror"]);
    const mirrors = async () =>
      (await answerOf(() => bot.api.mirrors.$get())).mirrors.filter((mirror) => mirror.run === asked.run);
    expect(await mirrors()).toEqual([{ run: asked.run, chat: ann.chat, text: "from the app", language: "en" }]);
    await answerOf(() => bot.api.mirrors[":run"].shown.$post({ param: { run: asked.run } }));
    expect(await mirrors()).toEqual([]);
    await stack.ended(asked.run);
    expect(await ann.texts(thread)).toEqual([
      "from the chat",
      "You said: from the chat",
      "from the app",
      "You said: from the app",
    ]);
    // The chat's next message follows the app's.
    const next = await ann.write("and the chat again");
    await stack.ended(next.run);
    expect((await ann.texts(thread)).slice(-2)).toEqual(["and the chat again", "You said: and the chat again"]);
  });

  test("sent while an answer runs follows that answer and waits for it, across a restart", async () => {
    const gate = new Gate();
    stack.thinking.script = async function* ({ question }) {
      if (question === "slow") await gate.opened;
      yield* answers(`about ${question}`);
    };
    const thread = await ann.newThread();
    const slow = await ann.send(thread, "slow");
    const quick = await ann.send(thread, "quick");
    expect((await ann.read(thread)).messages.map(({ parent }) => parent)).toEqual([
      null,
      slow.message,
      slow.answer,
      quick.message,
    ]);
    expect((await ann.list()).threads[0]).toMatchObject({ id: thread, runningRun: slow.run });
    await stack.restart();
    gate.open();
    await stack.ended(quick.run);
    expect(await ann.texts(thread)).toEqual(["slow", "about slow", "quick", "about quick"]);
  });

  test("cannot follow a question, edit an answer, or name what is not in its thread", async () => {
    const { thread, asked } = await ann.talk("one");
    const other = await ann.talk("elsewhere");
    await expect(ann.send(thread, "x", { parent: asked[0]!.message })).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(ann.send(thread, "x", { edits: asked[0]!.answer })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(ann.send(thread, "x", { parent: other.asked[0]!.answer })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(ann.send(thread, " \0 ")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(ann.choose(thread, other.asked[0]!.answer)).rejects.toMatchObject({ code: "not_found" });
    expect(await ann.texts(thread)).toHaveLength(2);
  });
});

describe("branches", () => {
  test("an edited message stands beside the old one, and each branch keeps its own memory", async () => {
    const histories: string[][] = [];
    const mine = new Set(["cats", "dogs", "more", "and more", "still cats"]);
    stack.thinking.script = ({ question, turns }) => {
      histories.push(turns.filter((turn) => mine.has(turn)));
      return answers(`about ${question}`);
    };
    const { thread, asked } = await ann.talk("cats", "more");
    const edit = await ann.send(thread, "dogs", { edits: asked[0]!.message });
    await stack.ended(edit.run);
    await stack.ended((await ann.send(thread, "and more")).run);
    expect(await ann.texts(thread)).toEqual(["dogs", "about dogs", "and more", "about and more"]);
    expect(histories.at(-1)).toEqual(["dogs", "and more"]);
    expect((await ann.read(thread)).messages[0]?.siblings).toEqual([asked[0]!.message, edit.message]);
    await ann.choose(thread, asked[0]!.message);
    expect(await ann.texts(thread)).toEqual(["cats", "about cats", "more", "about more"]);
    await stack.ended((await ann.send(thread, "still cats")).run);
    expect(histories.at(-1)).toEqual(["cats", "more", "still cats"]);
  });

  test("an answer asked for again is another one, and the first is still there", async () => {
    let count = 0;
    stack.thinking.script = () => answers(`answer ${++count}`);
    const { thread, asked } = await ann.talk("question");
    const key = newExternalId();
    const second = await ann.again(asked[0]!.answer, key);
    expect(await ann.again(asked[0]!.answer, key)).toMatchObject({ run: second.run, repeated: true });
    await stack.ended(second.run);
    const third = await ann.again(asked[0]!.message);
    await stack.ended(third.run);
    expect(await ann.texts(thread)).toEqual(["question", "answer 3"]);
    expect((await ann.read(thread)).messages[1]?.siblings).toEqual([asked[0]!.answer, second.answer, third.answer]);
    await ann.choose(thread, second.answer);
    expect(await ann.texts(thread)).toEqual(["question", "answer 2"]);
  });

  test("a long thread is read in pages without a gap", async () => {
    const { thread } = await ann.talk();
    const rows = Array.from({ length: 60 }, (_, at) => ({
      id: crypto.randomUUID(),
      threadId: thread,
      role: at % 2 === 0 ? ("user" as const) : ("assistant" as const),
      text: `${at}`,
    }));
    await stack.ctx.db.insert(messages).values(rows.map((row, at) => ({ ...row, parentId: rows[at - 1]?.id ?? null })));
    await stack.ctx.db
      .update(threads)
      .set({ headId: rows.at(-1)!.id })
      .where(eq(threads.id, thread));
    const newest = await ann.read(thread);
    const oldest = await ann.read(thread, newest.before ?? "");
    expect(oldest.before).toBeNull();
    expect([...oldest.messages, ...newest.messages].map(({ text }) => text)).toEqual(rows.map(({ text }) => text));
  });
});
