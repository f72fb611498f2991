/** Each law between bills and the ledger is seen broken, for its own reason. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bills, runs } from "../db/schema.ts";
import { openTestThreads } from "../testing/threads.ts";
import { billOf, fund, whole } from "../testing/money.ts";
import { BILL_INVARIANTS } from "./bill-invariants.ts";
import { verifyLedger } from "./verify-ledger.ts";

const [HELD_TOGETHER, SAYS_WHAT_WAS_TAKEN, WORKED_ON] = BILL_INVARIANTS.map(({ name }) => name) as [
  string,
  string,
  string,
];
const DAY_MS = 86_400_000;
let stack: Awaited<ReturnType<typeof openTestThreads>>;
let person: string;

beforeEach(async () => {
  stack = await openTestThreads();
  person = randomUUID();
  await fund(stack.ctx, person, { stars: whole(10), coin: whole(10) });
});
afterEach(() => stack[Symbol.asyncDispose]());

async function broken(options: { whole?: boolean; at?: number } = {}): Promise<string[]> {
  const { at = Date.now(), ...rest } = options;
  const { findings } = await verifyLedger(stack.ctx.pg, { now: new Date(at), ...rest });
  return [...new Set(findings.map(({ invariant }) => invariant))];
}

const run = (statement: string, ...values: unknown[]) => stack.ctx.pg.query(statement, values);

test("nothing is wrong with paid, free, failed, open and house bills", async () => {
  await billOf(stack.ctx, { person, paidWith: "stars", amount: 41_203n, budget: 50_000n });
  await billOf(stack.ctx, { person, amount: 0n });
  await billOf(stack.ctx, { person, outcome: "failed" });
  await billOf(stack.ctx, { person, open: true });
  await billOf(stack.ctx, { person, paidWith: "free" });
  await billOf(stack.ctx, { person: null, paidWith: "house", kind: "request" });
  expect(await broken({ whole: true })).toEqual([]);
  expect(await broken()).toEqual([]);
});

test.each([
  ["a closed bill whose hold is open", false, "update ledger_holds set closed_at = null where id = $1"],
  ["an open bill whose hold is closed", true, "update ledger_holds set closed_at = now() where id = $1"],
  ["a bill whose hold is of another asset", false, "update bills set paid_with = 'stars' where id = $1"],
])("%s is found", async (_what, open, statement) => {
  const id = await billOf(stack.ctx, { person, open });
  await run(statement, id);
  const found = await broken();
  expect(found).toContain(HELD_TOGETHER);
  expect(found).not.toContain(SAYS_WHAT_WAS_TAKEN);
});

test("a paid bill without a hold is found, and a free one with a hold that was used", async () => {
  await run(
    `insert into bills (id, kind, person, paid_with, model, price, budget, day) values ($1, 'answer', $2, 'coin', 'm', '{}', 5, current_date)`,
    randomUUID(),
    person,
  );
  expect(await broken()).toEqual([HELD_TOGETHER]);
  await run("delete from bills");
  const id = await billOf(stack.ctx, { person });
  await run("update bills set paid_with = 'free' where id = $1", id);
  expect(await broken()).toEqual([]);
  await run("update bills set amount = 0 where id = $1", id);
  expect(await broken()).toEqual([SAYS_WHAT_WAS_TAKEN]);
});

test.each([
  ["whose amount is not what was taken", "update bills set amount = amount - 1 where id = $1"],
  [
    "whose receipt says another amount",
    `update bills set receipt = replace(receipt, '"amount":"1000","legs"', '"amount":"999","legs"')`,
  ],
  ["whose receipt cannot be read", "update bills set receipt = '{}' where id = $1"],
])("a closed bill %s is found, and stops new paid answers", async (_what, statement) => {
  const id = await billOf(stack.ctx, { person });
  await run(statement.includes("$1") ? statement : `${statement} where id = $1`, id);
  const { findings } = await verifyLedger(stack.ctx.pg, { now: new Date() });
  expect(findings).toMatchObject([{ invariant: SAYS_WHAT_WAS_TAKEN, severity: "halt" }]);
});

test("a bill that is open for a day is found, unless something still works on it", async () => {
  const id = await billOf(stack.ctx, { person: null, paidWith: "house", open: true });
  const later = Date.now() + DAY_MS + 60_000;
  expect(await broken()).toEqual([]);
  expect(await broken({ at: later })).toEqual([WORKED_ON]);
  const job = `insert into jobs (key, owner, model, request, deadline_at, bill, state, worker_id, lease_expires_at)
    values ('k', 'o', 'm', '{}', now(), $1, 'leased', 'w', now())`;
  await run(job, id);
  expect(await broken({ at: later })).toEqual([]);
  await run("update jobs set state = 'done', finished_at = now()");
  expect(await broken({ at: later })).toEqual([WORKED_ON]);
});

test("a running answer keeps its bill open", async () => {
  const [owner] = (await run("insert into people (telegram_id, name) values (1, 'Ann') returning id")).rows;
  const [thread] = (await run("insert into threads (person_id, chat) values ($1, 'c') returning id", owner.id)).rows;
  const said = async (role: string) =>
    (await run("insert into messages (thread_id, role, text) values ($1, $2, '') returning id", thread.id, role))
      .rows[0].id;
  const id = await billOf(stack.ctx, { person: null, paidWith: "house", open: true });
  const messages = { messageId: (await said("user")) as string, answerId: (await said("assistant")) as string };
  await stack.ctx.db.insert(runs).values({ id, threadId: thread.id as string, model: "m", ...messages });
  const at = Date.now() + DAY_MS + 60_000;
  expect(await broken({ at })).toEqual([]);
  await stack.ctx.db.update(runs).set({ status: "failed" }).where(eq(runs.id, id));
  expect(await broken({ at })).toEqual([WORKED_ON]);
});

test("bills of earlier days are looked at again only where everything is", async () => {
  const openedAt = new Date(Date.now() - 5 * DAY_MS);
  const id = await billOf(stack.ctx, { person, openedAt });
  expect(await broken()).toEqual([]);
  await stack.ctx.db.update(bills).set({ amount: 999n }).where(eq(bills.id, id));
  expect(await broken()).toEqual([]);
  expect(await broken({ whole: true })).toEqual([SAYS_WHAT_WAS_TAKEN]);
});
