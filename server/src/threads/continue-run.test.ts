/** What a run that goes on after its failure costs: as much as any other. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { receiptOf } from "../account/receipts.ts";
import { bills, freeAnswers, moneySettings, people } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { sweepBills } from "../billing/sweep-bills.ts";
import { fund, whole } from "../testing/money.ts";
import { expectBooksRight } from "../testing/books.ts";
import { answers } from "../testing/scripted-thinking.ts";
import { openTestThreads } from "../testing/threads.ts";
import { continueRun } from "./continue-run.ts";
import { getRun } from "./get-run.ts";
import { receiveMessage } from "./receive-message.ts";

let stack: Awaited<ReturnType<typeof openTestThreads>>;
beforeEach(async () => {
  stack = await openTestThreads();
  // oxlint-disable-next-line require-yield -- a machine that never says a word
  stack.thinking.script = async function* () {
    throw new Refusal("attempts_exhausted", "no worker brought it to its end");
  };
});
afterEach(async () => {
  await expectBooksRight(stack.ctx.pg);
  await stack[Symbol.asyncDispose]();
});

async function failedRun(): Promise<string> {
  const { run } = await receiveMessage(stack.ctx, {
    person: { telegramId: 42, name: "Ann", language: "en" },
    chat: "telegram:42",
    externalId: "telegram:42:1",
    text: "How are you?",
  });
  await stack.ended(run);
  expect(await getRun(stack.ctx, run)).toMatchObject({ status: "failed", resumable: true });
  return run;
}

async function goOn(run: string): Promise<void> {
  stack.thinking.script = () => answers("Fine.");
  await continueRun(stack.ctx, run);
  await stack.ended(run);
}

test("a free answer that failed is given back, and counts when it goes on and is answered", async () => {
  const run = await failedRun();
  expect(await stack.ctx.db.select().from(freeAnswers)).toMatchObject([{ used: 0 }]);
  await goOn(run);
  expect(await getRun(stack.ctx, run)).toMatchObject({ status: "answered", bill: { paidWith: "free" } });
  expect(await stack.ctx.db.select().from(freeAnswers)).toMatchObject([{ used: 1 }]);
});

test("one that is paid has a bill of its own when it goes on, which nobody closes while it runs", async () => {
  await stack.ctx.db.insert(moneySettings).values({ name: "free.answersPerDay", value: 0 });
  const [ann] = await stack.ctx.db.insert(people).values({ telegramId: 42, name: "Ann" }).returning({ id: people.id });
  await fund(stack.ctx, ann!.id, { stars: whole(50) });
  const run = await failedRun();
  expect((await getRun(stack.ctx, run)).bill).toMatchObject({ paidWith: "stars", amount: "0" });
  stack.thinking.script = async function* () {
    await stack.ctx.pg.query("update bills set opened_at = opened_at - interval '1 hour'");
    await sweepBills(stack.ctx);
    yield* answers("Fine.");
  };
  await continueRun(stack.ctx, run);
  await stack.ended(run);
  expect(await getRun(stack.ctx, run)).toMatchObject({ status: "answered", bill: { paidWith: "stars" } });
  const stored = await stack.ctx.db.select().from(bills).orderBy(bills.closedAt);
  expect(stored.map(({ receipt }) => JSON.parse(receipt!).outcome)).toEqual(["failed", "answered"]);
  const open = await stack.ctx.pg.query("select from ledger_holds where closed_at is null");
  expect(open.rowCount).toBe(0);
  // By the run's id people read the receipt of the answer that they see.
  expect(JSON.parse((await receiptOf(stack.ctx, run)).receipt)).toMatchObject({ outcome: "answered" });
});

test("one that failed again and goes on again costs nothing until it is answered", async () => {
  const run = await failedRun();
  await continueRun(stack.ctx, run);
  await stack.ended(run);
  await goOn(run);
  const rows = await stack.ctx.db.select().from(bills).where(eq(bills.kind, "answer"));
  expect(rows).toHaveLength(3);
  expect(await stack.ctx.db.select().from(freeAnswers)).toMatchObject([{ used: 1 }]);
});
