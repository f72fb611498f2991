/** The Mini App's routes as the app calls them: through the real application and its typed client, in process. */
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Change } from "@starai/protocol/changes";
import type { RunEvent } from "@starai/protocol/runs";
import { answerOf, createServerClient } from "../client.ts";
import { jobs, messages, people, runs, threads } from "../db/schema.ts";
import { Gate, answers } from "../threads/scripted-thinking.ts";
import { BOT_KEY } from "../threads/test-threads.ts";
import { launchOf, openTestApp } from "./test-app.ts";
import type { TestApp } from "./test-app.ts";

let house: TestApp;
let bot: ReturnType<typeof createServerClient>;
let telegramId = 100;
let ann: Awaited<ReturnType<TestApp["signIn"]>>;

beforeAll(async () => {
  house = await openTestApp();
  bot = createServerClient({
    baseUrl: "http://127.0.0.1",
    botKey: BOT_KEY,
    fetch: (url, init) => house.app.request(url, init),
  });
});
beforeEach(async () => {
  house.thinking.script = ({ question }) => answers(`You said: ${question}`);
  ann = await house.signIn(++telegramId);
});
afterAll(() => house[Symbol.asyncDispose]());

let number = 0;
const externalId = () => `message-${number++}`;
const newThread = async () => (await answerOf(() => ann.my.threads.$post())).id;
const send = (id: string, text: string, more: { parent?: string; edits?: string; externalId?: string } = {}) =>
  answerOf(() =>
    ann.my.threads[":id"].messages.$post({ param: { id }, json: { externalId: externalId(), text, ...more } }),
  );
const again = (id: string, key = externalId()) =>
  answerOf(() => ann.my.messages[":id"].regenerate.$post({ param: { id }, json: { externalId: key } }));
const read = (id: string, before?: string) =>
  answerOf(() => ann.my.threads[":id"].$get({ param: { id }, query: before === undefined ? {} : { before } }));
const choose = (id: string, message: string) =>
  answerOf(() => ann.my.threads[":id"].head.$put({ param: { id }, json: { message } }));
const change = (id: string, json: Parameters<(typeof ann.my.threads)[":id"]["$patch"]>[0]["json"]) =>
  answerOf(() => ann.my.threads[":id"].$patch({ param: { id }, json }));
const list = (query: { q?: string; before?: string } = {}) => answerOf(() => ann.my.threads.$get({ query }));
const fromBot = (text: string, id = telegramId) =>
  answerOf(() =>
    bot.api.messages.$post({
      json: {
        person: { telegramId: id, name: "Ann", language: "en" },
        chat: `telegram:${id}`,
        externalId: externalId(),
        text,
      },
    }),
  );
const said = async (id: string) => (await read(id)).messages.map(({ text }) => text);
const answered = async (run: string) => house.ended(run);
/** A conversation of these questions, each answered. */
async function talk(...questions: string[]) {
  const thread = await newThread();
  const asked = [];
  for (const text of questions) {
    const one = await send(thread, text);
    await answered(one.run);
    asked.push(one);
  }
  return { thread, asked };
}

const ID = "00000000-0000-4000-8000-000000000000";
const BODIES: Record<string, unknown> = {
  "PUT /api/my/model": { model: null },
  "PUT /api/my/language": { language: null },
  "PATCH /api/my/threads/:id": { title: "Mine" },
  "POST /api/my/threads/:id/messages": { externalId: "stolen", text: "hello" },
  "PUT /api/my/threads/:id/head": { message: ID },
  "POST /api/my/messages/:id/regenerate": { externalId: "stolen" },
};
const routes = () =>
  house.app.routes.filter(
    ({ path, method }, index, all) =>
      path.startsWith("/api/my/") &&
      method !== "ALL" &&
      all.findIndex((other) => other.path === path && other.method === method) === index,
  );
const call = ({ path, method }: { path: string; method: string }, token: string | null, id = ID) =>
  house.app.request(`${path.replace(":id", id)}${path.endsWith("export") ? "?format=md" : ""}`, {
    method,
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      "content-type": "application/json",
    },
    ...(`${method} ${path}` in BODIES ? { body: JSON.stringify(BODIES[`${method} ${path}`]) } : {}),
  });
const ofPath = (path: string, asked: { thread: string; message: string; run: string }) =>
  path.includes("/threads/") ? asked.thread : path.includes("/messages/") ? asked.message : asked.run;
const codeOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];

describe("every route of a session", () => {
  test("refuses no token, an altered one, an expired one, and one of an ended session", async () => {
    expect(routes().length).toBeGreaterThanOrEqual(18);
    const ended = await house.signIn(telegramId);
    await answerOf(() => ended.session.$delete({ query: {} }));
    const clock = house.ctx.clock;
    for (const route of routes()) {
      for (const token of [null, "", `${ann.token}x`, BOT_KEY])
        expect(await codeOf(await call(route, token))).toEqual([401, "unauthorised"]);
      expect(await codeOf(await call(route, ended.token))).toEqual([401, "signed_out"]);
      (house.ctx as { clock: () => number }).clock = () => Date.now() + 60 * 60_000;
      expect(await codeOf(await call(route, ann.token))).toEqual([401, "unauthorised"]);
      (house.ctx as { clock: () => number }).clock = clock;
    }
  });

  test("knows nothing of another person's threads, messages and runs, nor of a group's thread one began", async () => {
    const { thread, asked } = await talk("my secret");
    const stranger = await house.signIn(++telegramId);
    const group = await answerOf(() =>
      bot.api.messages.$post({
        json: {
          person: { telegramId: telegramId - 1, name: "Ann", language: "en" },
          chat: "telegram:-100500",
          externalId: externalId(),
          text: "in the group",
        },
      }),
    );
    await answered(group.run);
    for (const route of routes().filter(({ path }) => path.includes(":id"))) {
      const mine = await call(route, stranger.token, ofPath(route.path, asked[0]!));
      expect({ route: route.path, got: await codeOf(mine) }).toEqual({ route: route.path, got: [404, "not_found"] });
      const groups = await call(route, ann.token, ofPath(route.path, group));
      expect({ route: route.path, got: await codeOf(groups) }).toEqual({ route: route.path, got: [404, "not_found"] });
    }
    expect(await said(thread)).toEqual(["my secret", "You said: my secret"]);
    expect((await list()).threads.map(({ id }) => id)).toEqual([thread]);
  });
});

describe("a message from the app", () => {
  test("is answered in its thread, names it, and is one however often it is sent", async () => {
    const thread = await newThread();
    const key = externalId();
    const sent = await Promise.all(Array.from({ length: 4 }, () => send(thread, "Hello there", { externalId: key })));
    expect(new Set(sent.map(({ run }) => run)).size).toBe(1);
    expect(sent.filter(({ repeated }) => !repeated)).toHaveLength(1);
    await answered(sent[0]!.run);
    const view = await read(thread);
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
    const { asked } = await talk("first");
    const key = externalId();
    await send(asked[0]!.thread, "Ann's", { externalId: key });
    ann = await house.signIn(++telegramId);
    const mine = await send(await newThread(), "Bob's", { externalId: key });
    expect(mine.repeated).toBe(false);
  });

  test("goes to the bot's own thread too, and the bot is told to show it there, once", async () => {
    const { thread, run } = await fromBot("from the chat");
    await answered(run);
    const reader = new AbortController();
    const wakes: string[] = [];
    const listening = (async () => {
      for await (const { type } of bot.feed(reader.signal)) if (wakes.push(type) === 2) reader.abort();
    })();
    await expect.poll(() => wakes).toEqual(["all"]);
    const asked = await send(thread, "from the app");
    await listening;
    expect(wakes).toEqual(["all", "mirror"]);
    const mirrors = async () =>
      (await answerOf(() => bot.api.mirrors.$get())).mirrors.filter((mirror) => mirror.run === asked.run);
    expect(await mirrors()).toEqual([
      { run: asked.run, chat: `telegram:${telegramId}`, text: "from the app", language: "en" },
    ]);
    await answerOf(() => bot.api.mirrors[":run"].shown.$post({ param: { run: asked.run } }));
    expect(await mirrors()).toEqual([]);
    await answered(asked.run);
    expect(await said(thread)).toEqual([
      "from the chat",
      "You said: from the chat",
      "from the app",
      "You said: from the app",
    ]);
    // The chat goes on after what the app said.
    const next = await fromBot("and the chat again");
    await answered(next.run);
    expect((await said(thread)).slice(-2)).toEqual(["and the chat again", "You said: and the chat again"]);
  });

  test("sent while an answer runs follows that answer and waits for it, across a restart", async () => {
    const gate = new Gate();
    house.thinking.script = async function* ({ question }) {
      if (question === "slow") await gate.opened;
      yield* answers(`about ${question}`);
    };
    const thread = await newThread();
    const slow = await send(thread, "slow");
    const quick = await send(thread, "quick");
    expect((await read(thread)).messages.map(({ parent }) => parent)).toEqual([
      null,
      slow.message,
      slow.answer,
      quick.message,
    ]);
    expect((await list()).threads[0]).toMatchObject({ id: thread, runningRun: slow.run });
    await house.restart();
    gate.open();
    await answered(quick.run);
    expect(await said(thread)).toEqual(["slow", "about slow", "quick", "about quick"]);
  });

  test("cannot follow a question, edit an answer, or name what is not in its thread", async () => {
    const { thread, asked } = await talk("one");
    const other = await talk("elsewhere");
    await expect(send(thread, "x", { parent: asked[0]!.message })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(send(thread, "x", { edits: asked[0]!.answer })).rejects.toMatchObject({ code: "invalid_request" });
    await expect(send(thread, "x", { parent: other.asked[0]!.answer })).rejects.toMatchObject({ code: "not_found" });
    await expect(send(thread, " \0 ")).rejects.toMatchObject({ code: "invalid_request" });
    await expect(choose(thread, other.asked[0]!.answer)).rejects.toMatchObject({ code: "not_found" });
    expect(await said(thread)).toHaveLength(2);
  });
});

describe("branches", () => {
  test("an edited message stands beside the old one, and each branch keeps its own memory", async () => {
    const histories: string[][] = [];
    const mine = new Set(["cats", "dogs", "more", "and more", "still cats"]);
    house.thinking.script = ({ question, turns }) => {
      histories.push(turns.filter((turn) => mine.has(turn)));
      return answers(`about ${question}`);
    };
    const { thread, asked } = await talk("cats", "more");
    const edit = await send(thread, "dogs", { edits: asked[0]!.message });
    await answered(edit.run);
    await answered((await send(thread, "and more")).run);
    expect(await said(thread)).toEqual(["dogs", "about dogs", "and more", "about and more"]);
    expect(histories.at(-1)).toEqual(["dogs", "and more"]);
    expect((await read(thread)).messages[0]?.siblings).toEqual([asked[0]!.message, edit.message]);
    await choose(thread, asked[0]!.message);
    expect(await said(thread)).toEqual(["cats", "about cats", "more", "about more"]);
    await answered((await send(thread, "still cats")).run);
    expect(histories.at(-1)).toEqual(["cats", "more", "still cats"]);
  });

  test("an answer asked for again is another one, and the first is still there", async () => {
    let count = 0;
    house.thinking.script = () => answers(`answer ${++count}`);
    const { thread, asked } = await talk("question");
    const key = externalId();
    const second = await again(asked[0]!.answer, key);
    expect(await again(asked[0]!.answer, key)).toMatchObject({ run: second.run, repeated: true });
    await answered(second.run);
    const third = await again(asked[0]!.message);
    await answered(third.run);
    expect(await said(thread)).toEqual(["question", "answer 3"]);
    expect((await read(thread)).messages[1]?.siblings).toEqual([asked[0]!.answer, second.answer, third.answer]);
    await choose(thread, second.answer);
    expect(await said(thread)).toEqual(["question", "answer 2"]);
  });

  test("a long thread is read in pages without a gap", async () => {
    const { thread } = await talk();
    const rows = Array.from({ length: 60 }, (_, at) => ({
      id: crypto.randomUUID(),
      threadId: thread,
      role: at % 2 === 0 ? ("user" as const) : ("assistant" as const),
      text: `${at}`,
    }));
    await house.ctx.db.insert(messages).values(rows.map((row, at) => ({ ...row, parentId: rows[at - 1]?.id ?? null })));
    await house.ctx.db
      .update(threads)
      .set({ headId: rows.at(-1)!.id })
      .where(eq(threads.id, thread));
    const newest = await read(thread);
    const oldest = await read(thread, newest.before ?? "");
    expect(oldest.before).toBeNull();
    expect([...oldest.messages, ...newest.messages].map(({ text }) => text)).toEqual(rows.map(({ text }) => text));
  });
});

describe("the list", () => {
  test("finds words in Russian and English by stem, by the beginning of the last one, and in titles", async () => {
    const { thread: cats } = await talk("Мои кошки любят играть в коробках", "переписка");
    const { thread: runs } = await talk("He was running through the forest");
    await change(runs, { title: "Дневник бегуна" });
    const found = async (q: string) => (await list({ q })).threads.map(({ id }) => id);
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
    const { threads: hits } = await list({ q: "кошка" });
    const excerpt = hits[0]?.match?.excerpt ?? [];
    expect(excerpt.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(["кошки"]);
    expect(excerpt.map(({ text }) => text).join("")).toContain("любят играть");
  });

  test("is paged without a thread lost or doubled, also in 2,000, newest first", async () => {
    const person = (await house.ctx.db.select().from(people).where(eq(people.telegramId, telegramId)))[0]!;
    await house.ctx.db.insert(threads).values(
      Array.from({ length: 2_000 }, (_, index) => ({
        personId: person.id,
        chat: `telegram:${telegramId}`,
        title: `thread ${index}`,
        current: false,
        updatedAt: new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 3) * 1_000),
      })),
    );
    const seen: string[] = [];
    let before: string | null = "";
    let last = Number.POSITIVE_INFINITY;
    for (let page = 0; page < 41 && before !== null; page++) {
      const answer = await list(before === "" ? {} : { before });
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
    await expect(list({ before: "nonsense" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("gives an untouched new thread again, and one thread is the chat's at a time", async () => {
    const empty = await newThread();
    expect(await newThread()).toBe(empty);
    const { thread: first, run } = await fromBot("in the chat");
    await answered(run);
    await change(empty, { current: true });
    const next = await fromBot("goes on there");
    expect(next.thread).toBe(empty);
    await answered(next.run);
    await answerOf(() =>
      bot.api.chats[":chat"].current.$post({ param: { chat: `telegram:${telegramId}` }, json: { thread: first } }),
    );
    expect((await list()).threads.filter(({ current }) => current).map(({ id }) => id)).toEqual([first]);
    const together = await Promise.allSettled([change(empty, { current: true }), change(first, { current: true })]);
    expect(together.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect((await list()).threads.filter(({ current }) => current)).toHaveLength(1);
  });
});

describe("a thread's model and persona", () => {
  test("are its own, before the person's; choosing in the chat takes the thread's own away", async () => {
    const { thread, run } = await fromBot("hello");
    await answered(run);
    const modelOfNext = async () => {
      const { run: next } = await send(thread, "which?");
      await answered(next);
      return (await answerOf(() => ann.my.runs[":id"].$get({ param: { id: next } }))).model;
    };
    await answerOf(() => ann.my.model.$put({ json: { model: "qwen2.5-coder-0.5b" } }));
    expect(await modelOfNext()).toBe("qwen2.5-coder-0.5b");
    await change(thread, { model: "smollm2-135m" });
    expect(await modelOfNext()).toBe("smollm2-135m");
    const param = { telegramId: String(telegramId) };
    expect(await answerOf(() => bot.api.people[":telegramId"].model.$get({ param }))).toEqual({
      model: "smollm2-135m",
      chosen: true,
    });
    const json = { name: "Ann", language: "en", model: "qwen2.5-coder-1.5b" };
    await answerOf(() => bot.api.people[":telegramId"].model.$put({ param, json }));
    expect(await modelOfNext()).toBe("qwen2.5-coder-1.5b");
    await expect(change(thread, { model: "gone" })).rejects.toMatchObject({ code: "model_not_found" });
  });

  test("reach the model with the question, after what all runs share, from the chat and from the app alike", async () => {
    const given: string[][] = [];
    house.thinking.script = ({ question, turns }) => {
      given.push(turns);
      return answers(question);
    };
    const chat = `telegram:${telegramId}`;
    const persona = await answerOf(() =>
      bot.api.chats[":chat"].persona.$put({
        param: { chat },
        json: { person: { telegramId, name: "Ann", language: "en" }, persona: "concise" },
      }),
    );
    await answered((await fromBot("plainly")).run);
    await change(persona.thread ?? "", { instructions: "Call me captain.\0" });
    await answered((await send(persona.thread ?? "", "again")).run);
    expect(given[0]?.at(-1)).toContain("As briefly as possible");
    expect(given[1]?.find((turn) => turn.includes("captain"))).toContain("As briefly as possible");
    expect(await answerOf(() => bot.api.chats[":chat"].persona.$get({ param: { chat } }))).toEqual({
      thread: persona.thread,
      persona: "concise",
      instructions: "Call me captain.",
    });
    await expect(change(persona.thread ?? "", { instructions: "x".repeat(1_001) })).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(change(persona.thread ?? "", { persona: "villain" as never })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });
});

/** An answer that has begun and does not end by itself. */
const endless = async function* (): AsyncGenerator<string> {
  yield* answers(
    (async function* () {
      yield "partly";
      await new Promise(() => undefined);
    })(),
  );
};

async function begun(text = "long") {
  house.thinking.script = endless;
  const asked = await send(await newThread(), text);
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
    expect((await read(asked.thread)).messages[1]).toMatchObject({ text: "partly", run: { status: "stopped" } });
  });

  test("ends as not found when its thread is deleted, and nothing of it is left", async () => {
    const { asked, events, following } = await begun("delete me");
    const waiting = await send(asked.thread, "after it");
    const job = { key: `run:${asked.run}:7`, owner: `person:${ann.person.id}`, model: "m", request: {} as never };
    await house.ctx.db.insert(jobs).values({ ...job, state: "done", deadlineAt: new Date(), finishedAt: new Date() });
    await answerOf(() => ann.my.threads[":id"].$delete({ param: { id: asked.thread } }));
    await following;
    expect(events.at(-1)).toMatchObject({ type: "end", outcome: { kind: "failed", code: "not_found" } });
    await expect(read(asked.thread)).rejects.toMatchObject({ code: "not_found" });
    await expect(answerOf(() => ann.my.runs[":id"].$get({ param: { id: waiting.run } }))).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await house.ctx.db.$count(messages, eq(messages.threadId, asked.thread))).toBe(0);
    expect(await house.ctx.db.$count(runs, eq(runs.threadId, asked.thread))).toBe(0);
    expect(await house.ctx.db.$count(jobs, eq(jobs.key, job.key))).toBe(0);
  });

  test("ends as signed out when its person signs out everywhere, in every window", async () => {
    const { asked, failed, following } = await begun();
    const second = await house.signIn(telegramId);
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
    await expect(house.signIn(telegramId, ann.launch)).rejects.toMatchObject({ code: "signed_out" });
    await house.ctx.runs.cancel(asked.run);
  });
});

test("a person's windows are told what to ask for again, and nobody else's", async () => {
  const stop = new AbortController();
  const hints: Change[] = [];
  const others: Change[] = [];
  const stranger = await house.signIn(++telegramId);
  telegramId--;
  void (async () => {
    for await (const hint of ann.changes(stop.signal)) hints.push(hint);
  })();
  void (async () => {
    for await (const hint of stranger.changes(stop.signal)) others.push(hint);
  })();
  await expect.poll(() => [hints.length, others.length]).toEqual([1, 1]);
  const { thread, run } = await fromBot("hello");
  await answered(run);
  await change(thread, { title: "Hi" });
  await answerOf(() => ann.my.language.$put({ json: { language: "ru" } }));
  await answerOf(() => ann.my.threads[":id"].$delete({ param: { id: thread } }));
  await expect.poll(() => hints.at(-1)).toEqual({ type: "deleted", id: thread });
  const kinds = new Set(hints.map(({ type }) => type));
  expect([...kinds].sort()).toEqual(["all", "deleted", "profile", "run", "thread"]);
  expect(others).toEqual([{ type: "all" }]);
  stop.abort();
  telegramId++;
});

test("a thread is exported as its branch in Markdown and as its tree in JSON", async () => {
  const { thread, asked } = await talk("cats");
  await answered((await send(thread, "dogs", { edits: asked[0]!.message })).run);
  await change(thread, { title: 'Pets: "all"/../of\r\nthem' });
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

test("deleting my data leaves nothing of me: threads, runs, prompts, sessions; others keep theirs", async () => {
  const { asked, following } = await begun();
  const { id } = ann.person;
  const stranger = await house.signIn(++telegramId);
  await answerOf(() => stranger.my.threads.$post());
  await answerOf(() => ann.my.data.$delete());
  await following;
  const { db } = house.ctx;
  expect(await db.$count(people, eq(people.id, id))).toBe(0);
  expect(await db.$count(threads, eq(threads.personId, id))).toBe(0);
  expect(await db.$count(runs, eq(runs.id, asked.run))).toBe(0);
  await expect(answerOf(() => ann.my.profile.$get())).rejects.toMatchObject({ code: "signed_out" });
  await expect(house.signIn(telegramId - 1, ann.launch)).rejects.toMatchObject({ code: "signed_out" });
  expect((await answerOf(() => stranger.my.threads.$get({ query: {} }))).threads).toHaveLength(1);
  // Telegram may send them again at any time: then they are new here.
  await house.signIn(telegramId - 1, launchOf(telegramId - 1, new Date()));
  expect(await db.select().from(people).orderBy(asc(people.createdAt))).not.toContainEqual(
    expect.objectContaining({ id }),
  );
});
