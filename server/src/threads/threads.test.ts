import { eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { Refusal } from "../errors.ts";
import { jobs, messages, people, runs, threads } from "../db/schema.ts";
import { chooseModel, getModelChoice } from "./choose-model.ts";
import { continueRun } from "./continue-run.ts";
import { getRun, runningRun } from "./get-run.ts";
import { closeThread } from "./open-thread.ts";
import { RUNS_PER_PERSON_MAX, RUNS_PER_THREAD_MAX } from "./ask.ts";
import { receiveMessage } from "./receive-message.ts";
import { Gate, answers } from "./scripted-thinking.ts";
import { markHandled, storeUpdates, unhandledUpdates } from "./store-updates.ts";
import { openTestThreads } from "./test-threads.ts";

const ann = { telegramId: 42, name: "Ann", language: "en" };
let next = 0;
const message = (text: string, chat = "telegram:42") => ({ person: ann, chat, externalId: `${chat}:${next++}`, text });

describe("a message", () => {
  test("is stored with its person, thread and run, and the run is launched", async () => {
    await using house = await openTestThreads();
    const received = await receiveMessage(house.ctx, message("What is 17 × 23?"));
    await house.ended(received.run);
    const [person] = await house.ctx.db.select().from(people);
    const [thread] = await house.ctx.db.select().from(threads);
    expect(person).toMatchObject({ telegramId: 42, name: "Ann" });
    expect(thread).toMatchObject({ id: received.thread, chat: "telegram:42", title: "What is 17 × 23?" });
    expect(await getRun(house.ctx, received.run)).toMatchObject({
      status: "answered",
      answer: "You said: What is 17 × 23?",
      chat: "telegram:42",
      model: house.ctx.config.defaultModel,
    });
  });

  test("sent twice has one effect, also when both arrive at once", async () => {
    await using house = await openTestThreads();
    const twice = message("once");
    const results = await Promise.all(Array.from({ length: 6 }, () => receiveMessage(house.ctx, twice)));
    expect(new Set(results.map(({ run }) => run)).size).toBe(1);
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await house.ctx.db.select().from(messages).where(eq(messages.role, "user"))).toHaveLength(1);
    await house.ended(results[0]?.run ?? "");
    expect(house.thinking.begun).toEqual(["once"]);
  });

  test("of one chat joins its open thread; after closing, a new thread", async () => {
    await using house = await openTestThreads();
    const [first, second] = await Promise.all([
      receiveMessage(house.ctx, message("a")),
      receiveMessage(house.ctx, message("b")),
    ]);
    expect(first.thread).toBe(second.thread);
    expect(await closeThread(house.ctx, "telegram:42")).toBe(first.thread);
    expect(await closeThread(house.ctx, "telegram:42")).toBeNull();
    expect((await receiveMessage(house.ctx, message("c"))).thread).not.toBe(first.thread);
  });

  test("cannot join another chat's thread", async () => {
    await using house = await openTestThreads();
    const mine = await receiveMessage(house.ctx, message("a"));
    const group = await receiveMessage(house.ctx, message("a", "telegram:-100:7"));
    expect(group.thread).not.toBe(mine.thread);
  });

  test("waits for the run before it in its thread, and for no other", async () => {
    await using house = await openTestThreads();
    const first = new Gate();
    house.thinking.script = async function* ({ question }) {
      if (question === "first") await first.opened;
      yield* answers(question);
    };
    const one = await receiveMessage(house.ctx, message("first"));
    await receiveMessage(house.ctx, message("second"));
    const three = await receiveMessage(house.ctx, message("third"));
    const elsewhere = await receiveMessage(house.ctx, message("elsewhere", "telegram:43"));
    await house.ended(elsewhere.run);
    expect(house.thinking.begun).toEqual(["first", "elsewhere"]);
    expect(await runningRun(house.ctx, "telegram:42")).toBe(one.run);
    first.open();
    await house.ended(three.run);
    expect(house.thinking.begun).toEqual(["first", "elsewhere", "second", "third"]);
    expect(await runningRun(house.ctx, "telegram:42")).toBeNull();
  });

  test("cannot pile up: the ninth unanswered one is refused and leaves nothing", async () => {
    await using house = await openTestThreads();
    const never = new Gate();
    house.thinking.script = async function* () {
      await never.opened;
      yield* answers("at last");
    };
    const received = [];
    for (let index = 0; index < RUNS_PER_THREAD_MAX; index++)
      received.push(await receiveMessage(house.ctx, message(`${index}`)));
    await expect(receiveMessage(house.ctx, message("one too many"))).rejects.toMatchObject({ code: "queue_full" });
    expect(await house.ctx.db.$count(messages, eq(messages.role, "user"))).toBe(RUNS_PER_THREAD_MAX);
    never.open();
    for (const { run } of received) await house.ended(run);
  });

  test("cannot be one more than a person may have unanswered in all conversations together; another's is taken", async () => {
    await using house = await openTestThreads();
    const { thread, run } = await receiveMessage(house.ctx, message("first"));
    await house.ended(run);
    await house.ctx.pg.query(
      `with said as (
         insert into messages (thread_id, role, text) select $1, 'assistant', '' from generate_series(1, $2::int) returning id
       ) insert into runs (thread_id, message_id, answer_id, model) select $1, id, id, 'm' from said`,
      [thread, RUNS_PER_PERSON_MAX],
    );
    const elsewhere = message("one too many", "telegram:42:1");
    await expect(receiveMessage(house.ctx, elsewhere)).rejects.toMatchObject({ code: "queue_full" });
    const bob = { ...message("hello", "telegram:43"), person: { telegramId: 43, name: "Bob", language: "en" } };
    await house.ended((await receiveMessage(house.ctx, bob)).run);
  });

  test("keeps a long first line as a short title", async () => {
    await using house = await openTestThreads();
    const { thread } = await receiveMessage(house.ctx, message(`${"🦊".repeat(80)}\nand more`));
    const [row] = await house.ctx.db.select().from(threads).where(eq(threads.id, thread));
    expect(Array.from(row?.title ?? "")).toHaveLength(60);
  });
});

describe("a chosen model", () => {
  test("answers the next message and not the ones before", async () => {
    await using house = await openTestThreads();
    const before = await receiveMessage(house.ctx, message("before"));
    await chooseModel(house.ctx, { ...ann, model: "smollm2-135m" });
    const after = await receiveMessage(house.ctx, message("after"));
    expect((await getRun(house.ctx, before.run)).model).toBe(house.ctx.config.defaultModel);
    expect((await getRun(house.ctx, after.run)).model).toBe("smollm2-135m");
    expect(await getModelChoice(house.ctx, 42)).toEqual({ model: "smollm2-135m", chosen: true });
    await chooseModel(house.ctx, { ...ann, model: null });
    expect(await getModelChoice(house.ctx, 42)).toEqual({ model: house.ctx.config.defaultModel, chosen: false });
  });

  test("cannot be one the catalogue does not have; one that left it falls back to the default", async () => {
    await using house = await openTestThreads();
    await expect(chooseModel(house.ctx, { ...ann, model: "gone" })).rejects.toMatchObject({ code: "model_not_found" });
    await house.ctx.db.insert(people).values({ ...ann, model: "gone" });
    const { run } = await receiveMessage(house.ctx, message("hello"));
    expect((await getRun(house.ctx, run)).model).toBe(house.ctx.config.defaultModel);
  });
});

const failing = (code: "interrupted" | "step_cap") =>
  async function* (): AsyncGenerator<string> {
    yield '{"thought":"';
    throw new Refusal(code, "lost");
  };

describe("a run that failed", () => {
  test("for want of a machine goes on under its own id, and its dead jobs give their keys back", async () => {
    await using house = await openTestThreads();
    house.thinking.script = failing("interrupted");
    const { run } = await receiveMessage(house.ctx, message("try"));
    await house.ended(run);
    const job = { owner: "o", model: "m", request: {} as never, deadlineAt: new Date() };
    await house.ctx.db.insert(jobs).values([
      { ...job, key: `run:${run}:0`, state: "done", finishedAt: new Date() },
      { ...job, key: `run:${run}:1`, state: "failed", finishedAt: new Date() },
    ]);
    house.thinking.script = () => answers("found");
    expect((await getRun(house.ctx, run)).resumable).toBe(true);
    await Promise.all([continueRun(house.ctx, run), continueRun(house.ctx, run)]);
    await house.ended(run);
    expect(await getRun(house.ctx, run)).toMatchObject({ status: "answered", answer: "found", resumable: false });
    const keys = (await house.ctx.db.select({ key: jobs.key }).from(jobs)).map(({ key }) => key);
    expect(keys).toContain(`run:${run}:0`);
    expect(keys).not.toContain(`run:${run}:1`);
  });

  test("cannot go on when it would fail again, or when a newer message follows", async () => {
    await using house = await openTestThreads();
    house.thinking.script = failing("step_cap");
    const capped = await receiveMessage(house.ctx, message("a"));
    await house.ended(capped.run);
    await expect(continueRun(house.ctx, capped.run)).rejects.toMatchObject({ code: "conflict" });

    house.thinking.script = failing("interrupted");
    const older = await receiveMessage(house.ctx, message("b"));
    await house.ended(older.run);
    const newest = await receiveMessage(house.ctx, message("c"));
    await house.ended(newest.run);
    await expect(continueRun(house.ctx, older.run)).rejects.toMatchObject({ code: "conflict" });

    await expect(continueRun(house.ctx, crypto.randomUUID())).rejects.toMatchObject({ code: "not_found" });
    expect((await house.ctx.db.select().from(runs)).map(({ status }) => status)).toEqual([
      "failed",
      "failed",
      "failed",
    ]);
  });
});

const update = (update_id: number) => ({ update_id, message: { text: "hello" } });

describe("the inbox", () => {
  test("keeps the first copy of an update and says which are still to be handled", async () => {
    await using house = await openTestThreads();
    expect(await storeUpdates(house.ctx, { bot: 1, updates: [update(5), update(6)] })).toEqual([5, 6]);
    await markHandled(house.ctx, { bot: 1, updateId: 5 });
    expect(await storeUpdates(house.ctx, { bot: 1, updates: [update(5), update(6), update(7)] })).toEqual([6, 7]);
    expect(await unhandledUpdates(house.ctx, { bot: 1, after: -1 })).toEqual([update(6), update(7)]);
    expect(await unhandledUpdates(house.ctx, { bot: 1, after: 6 })).toEqual([update(7)]);
  });

  test("keeps bots apart", async () => {
    await using house = await openTestThreads();
    await storeUpdates(house.ctx, { bot: 1, updates: [update(5)] });
    expect(await storeUpdates(house.ctx, { bot: 2, updates: [update(5)] })).toEqual([5]);
    await markHandled(house.ctx, { bot: 1, updateId: 5 });
    expect(await unhandledUpdates(house.ctx, { bot: 2, after: -1 })).toEqual([update(5)]);
  });

  test("forgets what was said once it is handled", async () => {
    await using house = await openTestThreads();
    await storeUpdates(house.ctx, { bot: 1, updates: [update(5)] });
    await markHandled(house.ctx, { bot: 1, updateId: 5 });
    const { rows } = await house.ctx.pg.query("select body::text from updates");
    expect(rows).toEqual([{ body: "{}" }]);
  });
});
