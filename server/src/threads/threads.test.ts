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
import { Gate, answers } from "../testing/scripted-thinking.ts";
import { markHandled, storeUpdates, unhandledUpdates } from "./store-updates.ts";
import { openTestThreads } from "../testing/threads.ts";

const ann = { telegramId: 42, name: "Ann", language: "en" };
let next = 0;
const message = (text: string, chat = "telegram:42") => ({ person: ann, chat, externalId: `${chat}:${next++}`, text });

describe("a message", () => {
  test("is stored with its person, thread and run, and the run is launched", async () => {
    await using stack = await openTestThreads();
    const received = await receiveMessage(stack.ctx, message("What is 17 × 23?"));
    await stack.ended(received.run);
    const [person] = await stack.ctx.db.select().from(people);
    const [thread] = await stack.ctx.db.select().from(threads);
    expect(person).toMatchObject({ telegramId: 42, name: "Ann" });
    expect(thread).toMatchObject({ id: received.thread, chat: "telegram:42", title: "What is 17 × 23?" });
    expect(await getRun(stack.ctx, received.run)).toMatchObject({
      status: "answered",
      answer: "You said: What is 17 × 23?",
      chat: "telegram:42",
      model: stack.ctx.config.defaultModel,
    });
  });

  test("sent twice has one effect, also when both arrive at once", async () => {
    await using stack = await openTestThreads();
    const twice = message("once");
    const results = await Promise.all(Array.from({ length: 6 }, () => receiveMessage(stack.ctx, twice)));
    expect(new Set(results.map(({ run }) => run)).size).toBe(1);
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await stack.ctx.db.select().from(messages).where(eq(messages.role, "user"))).toHaveLength(1);
    await stack.ended(results[0]?.run ?? "");
    expect(stack.thinking.begun).toEqual(["once"]);
  });

  test("of one chat joins its open thread; after closing, a new thread", async () => {
    await using stack = await openTestThreads();
    const [first, second] = await Promise.all([
      receiveMessage(stack.ctx, message("a")),
      receiveMessage(stack.ctx, message("b")),
    ]);
    expect(first.thread).toBe(second.thread);
    expect(await closeThread(stack.ctx, "telegram:42")).toBe(first.thread);
    expect(await closeThread(stack.ctx, "telegram:42")).toBeNull();
    expect((await receiveMessage(stack.ctx, message("c"))).thread).not.toBe(first.thread);
  });

  test("cannot join another chat's thread", async () => {
    await using stack = await openTestThreads();
    const mine = await receiveMessage(stack.ctx, message("a"));
    const group = await receiveMessage(stack.ctx, message("a", "telegram:-100:7"));
    expect(group.thread).not.toBe(mine.thread);
  });

  test("waits for the run before it in its thread, and for no other", async () => {
    await using stack = await openTestThreads();
    const first = new Gate();
    stack.thinking.script = async function* ({ question }) {
      if (question === "first") await first.opened;
      yield* answers(question);
    };
    const one = await receiveMessage(stack.ctx, message("first"));
    await receiveMessage(stack.ctx, message("second"));
    const three = await receiveMessage(stack.ctx, message("third"));
    const elsewhere = await receiveMessage(stack.ctx, message("elsewhere", "telegram:43"));
    await stack.ended(elsewhere.run);
    expect(stack.thinking.begun).toEqual(["first", "elsewhere"]);
    expect(await runningRun(stack.ctx, "telegram:42")).toBe(one.run);
    first.open();
    await stack.ended(three.run);
    expect(stack.thinking.begun).toEqual(["first", "elsewhere", "second", "third"]);
    expect(await runningRun(stack.ctx, "telegram:42")).toBeNull();
  });

  test("cannot pile up: the ninth unanswered one is refused and leaves nothing", async () => {
    await using stack = await openTestThreads();
    const never = new Gate();
    stack.thinking.script = async function* () {
      await never.opened;
      yield* answers("at last");
    };
    const received = [];
    for (let index = 0; index < RUNS_PER_THREAD_MAX; index++)
      received.push(await receiveMessage(stack.ctx, message(`${index}`)));
    await expect(receiveMessage(stack.ctx, message("one too many"))).rejects.toMatchObject({ code: "queue_full" });
    expect(await stack.ctx.db.$count(messages, eq(messages.role, "user"))).toBe(RUNS_PER_THREAD_MAX);
    never.open();
    for (const { run } of received) await stack.ended(run);
  });

  test("over a person's limit of unanswered ones in all conversations is refused; another's is accepted", async () => {
    await using stack = await openTestThreads();
    const { thread, run } = await receiveMessage(stack.ctx, message("first"));
    await stack.ended(run);
    await stack.ctx.pg.query(
      `with said as (
         insert into messages (thread_id, role, text) select $1, 'assistant', '' from generate_series(1, $2::int) returning id
       ) insert into runs (thread_id, message_id, answer_id, model) select $1, id, id, 'm' from said`,
      [thread, RUNS_PER_PERSON_MAX],
    );
    const elsewhere = message("one too many", "telegram:42:1");
    await expect(receiveMessage(stack.ctx, elsewhere)).rejects.toMatchObject({ code: "queue_full" });
    const bob = { ...message("hello", "telegram:43"), person: { telegramId: 43, name: "Bob", language: "en" } };
    await stack.ended((await receiveMessage(stack.ctx, bob)).run);
  });

  test("keeps a long first line as a short title", async () => {
    await using stack = await openTestThreads();
    const { thread } = await receiveMessage(stack.ctx, message(`${"🦊".repeat(80)}\nand more`));
    const [row] = await stack.ctx.db.select().from(threads).where(eq(threads.id, thread));
    expect(Array.from(row?.title ?? "")).toHaveLength(60);
  });
});

describe("a chosen model", () => {
  test("answers the next message and not the ones before", async () => {
    await using stack = await openTestThreads();
    const before = await receiveMessage(stack.ctx, message("before"));
    await chooseModel(stack.ctx, { ...ann, model: "smollm2-135m" });
    const after = await receiveMessage(stack.ctx, message("after"));
    expect((await getRun(stack.ctx, before.run)).model).toBe(stack.ctx.config.defaultModel);
    expect((await getRun(stack.ctx, after.run)).model).toBe("smollm2-135m");
    expect(await getModelChoice(stack.ctx, 42)).toEqual({ model: "smollm2-135m", chosen: true });
    await chooseModel(stack.ctx, { ...ann, model: null });
    expect(await getModelChoice(stack.ctx, 42)).toEqual({ model: stack.ctx.config.defaultModel, chosen: false });
  });

  test("cannot be one the catalogue does not have; one that left it falls back to the default", async () => {
    await using stack = await openTestThreads();
    await expect(chooseModel(stack.ctx, { ...ann, model: "gone" })).rejects.toMatchObject({ code: "model_not_found" });
    await stack.ctx.db.insert(people).values({ ...ann, model: "gone" });
    const { run } = await receiveMessage(stack.ctx, message("hello"));
    expect((await getRun(stack.ctx, run)).model).toBe(stack.ctx.config.defaultModel);
  });
});

const failing = (code: "interrupted" | "step_cap") =>
  async function* (): AsyncGenerator<string> {
    yield '{"thought":"';
    throw new Refusal(code, "lost");
  };

describe("a run that failed", () => {
  test("for lack of a machine is resumed under its own id, and the keys of its failed jobs are freed", async () => {
    await using stack = await openTestThreads();
    stack.thinking.script = failing("interrupted");
    const { run } = await receiveMessage(stack.ctx, message("try"));
    await stack.ended(run);
    const job = { owner: "o", model: "m", request: {} as never, deadlineAt: new Date() };
    await stack.ctx.db.insert(jobs).values([
      { ...job, key: `run:${run}:0`, state: "done", finishedAt: new Date() },
      { ...job, key: `run:${run}:1`, state: "failed", finishedAt: new Date() },
    ]);
    stack.thinking.script = () => answers("found");
    expect((await getRun(stack.ctx, run)).resumable).toBe(true);
    await Promise.all([continueRun(stack.ctx, run), continueRun(stack.ctx, run)]);
    await stack.ended(run);
    expect(await getRun(stack.ctx, run)).toMatchObject({ status: "answered", answer: "found", resumable: false });
    const keys = (await stack.ctx.db.select({ key: jobs.key }).from(jobs)).map(({ key }) => key);
    expect(keys).toContain(`run:${run}:0`);
    expect(keys).not.toContain(`run:${run}:1`);
  });

  test("cannot go on when it would fail again, or when a newer message follows", async () => {
    await using stack = await openTestThreads();
    stack.thinking.script = failing("step_cap");
    const capped = await receiveMessage(stack.ctx, message("a"));
    await stack.ended(capped.run);
    await expect(continueRun(stack.ctx, capped.run)).rejects.toMatchObject({ code: "conflict" });

    stack.thinking.script = failing("interrupted");
    const older = await receiveMessage(stack.ctx, message("b"));
    await stack.ended(older.run);
    const newest = await receiveMessage(stack.ctx, message("c"));
    await stack.ended(newest.run);
    await expect(continueRun(stack.ctx, older.run)).rejects.toMatchObject({ code: "conflict" });

    await expect(continueRun(stack.ctx, crypto.randomUUID())).rejects.toMatchObject({ code: "not_found" });
    expect((await stack.ctx.db.select().from(runs)).map(({ status }) => status)).toEqual([
      "failed",
      "failed",
      "failed",
    ]);
  });
});

const update = (update_id: number) => ({ update_id, message: { text: "hello" } });

describe("the inbox", () => {
  test("keeps the first copy of an update and says which are still to be handled", async () => {
    await using stack = await openTestThreads();
    expect(await storeUpdates(stack.ctx, { bot: 1, updates: [update(5), update(6)] })).toEqual([5, 6]);
    await markHandled(stack.ctx, { bot: 1, updateId: 5 });
    expect(await storeUpdates(stack.ctx, { bot: 1, updates: [update(5), update(6), update(7)] })).toEqual([6, 7]);
    expect(await unhandledUpdates(stack.ctx, { bot: 1, after: -1 })).toEqual([update(6), update(7)]);
    expect(await unhandledUpdates(stack.ctx, { bot: 1, after: 6 })).toEqual([update(7)]);
  });

  test("keeps bots apart", async () => {
    await using stack = await openTestThreads();
    await storeUpdates(stack.ctx, { bot: 1, updates: [update(5)] });
    expect(await storeUpdates(stack.ctx, { bot: 2, updates: [update(5)] })).toEqual([5]);
    await markHandled(stack.ctx, { bot: 1, updateId: 5 });
    expect(await unhandledUpdates(stack.ctx, { bot: 2, after: -1 })).toEqual([update(5)]);
  });

  test("deletes an update's content once it is handled", async () => {
    await using stack = await openTestThreads();
    await storeUpdates(stack.ctx, { bot: 1, updates: [update(5)] });
    await markHandled(stack.ctx, { bot: 1, updateId: 5 });
    const { rows } = await stack.ctx.pg.query("select body::text from updates");
    expect(rows).toEqual([{ body: "{}" }]);
  });
});
