/** Stop while a run's bill is being opened or its job submitted: neither is left behind. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { bills, freeAnswers } from "../db/schema.ts";
import { receiveMessage } from "../threads/receive-message.ts";
import { getRun } from "../threads/get-run.ts";
import { Gate, answers } from "../testing/scripted-thinking.ts";
import { openTestThreads } from "../testing/threads.ts";
import { RunManager } from "./run-manager.ts";

let stack: Awaited<ReturnType<typeof openTestThreads>>;
beforeEach(async () => {
  stack = await openTestThreads();
});
afterEach(() => stack[Symbol.asyncDispose]());

const ask = async () => {
  const person = { telegramId: 42, name: "Ann", language: "en" };
  const externalId = "telegram:42:1";
  return (await receiveMessage(stack.ctx, { person, chat: "telegram:42", externalId, text: "Hello?" })).run;
};

test("a job that was being submitted is cancelled before its bill is closed", async () => {
  const [asked, submitted] = [new Gate(), new Gate()];
  let stop: AbortSignal | undefined;
  stack.thinking.script = async function* (job) {
    stop = job.stop;
    await new Promise((resolve) => setTimeout(resolve, 300));
    yield* answers("Fine.");
  };
  stack.ctx.runs = new RunManager(stack.ctx, async (input) => {
    asked.open();
    await submitted.opened;
    return stack.thinking.submit(input);
  });
  const run = await ask();
  await asked.opened;
  const stopped = stack.ctx.runs.cancel(run);
  setTimeout(() => submitted.open(), 100);
  expect(await stopped).toBe(true);
  expect(await getRun(stack.ctx, run)).toMatchObject({ status: "stopped" });
  expect(stop?.aborted).toBe(true);
});

test("a bill that was being opened is closed with the run, and no job is made", async () => {
  const [asked, opened] = [new Gate(), new Gate()];
  const { settings } = stack.ctx;
  const now = settings.now.bind(settings);
  let calls = 0;
  settings.now = async () => {
    const known = await now();
    if (calls++ > 0) return known;
    asked.open();
    await opened.opened;
    return known;
  };
  const run = await ask();
  await asked.opened;
  const stopped = stack.ctx.runs.cancel(run);
  setTimeout(() => opened.open(), 100);
  expect(await stopped).toBe(true);
  // What was still under way has had its time.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(stack.thinking.begun).toEqual([]);
  expect((await stack.ctx.db.select().from(bills)).map(({ closedAt }) => closedAt)).toEqual([expect.any(Date)]);
  expect(await stack.ctx.db.select().from(freeAnswers)).toMatchObject([{ used: 1 }]);
});
