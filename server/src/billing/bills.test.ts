import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { Receipt } from "@starai/protocol/receipts";
import { bindWorker } from "../testing/bind-worker.ts";
import { bills, freeAnswers, freeBudgets, spendingCaps } from "../db/schema.ts";
import { createContext } from "../create-context.ts";
import type { AppContext } from "../context.ts";
import { expectBooksRight } from "../testing/books.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { fund, whole } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { DEFAULT_SETTINGS } from "./money-settings.ts";
import { chargeJob } from "./charge-job.ts";
import { closeBillAlone } from "./close-bill.ts";
import { discardJob } from "./discard-job.ts";
import { moneyTransaction } from "./money-transaction.ts";
import { openBill } from "./open-bill.ts";
import type { BillRequest } from "./open-bill.ts";
import { planStep } from "./plan-step.ts";
import { sweepBills } from "./sweep-bills.ts";

const SMALL = loadCatalogue().get("qwen2.5-coder-1.5b")!;
const STEP = { promptTokens: 1_000, answerTokensMax: 500 };
/** Of a job with 1,000 tokens of prompt and 100 of answer, in billionths of a Star. */
const PRICE = 1_615_384n;

let database: TestDatabase;
let ctx: AppContext;
let ann: string;

beforeEach(async () => {
  database = await createTestDatabase();
  ctx = contextWith({ answersPerDay: 0 });
  ann = randomUUID();
});
afterEach(async () => {
  await expectBooksRight(database.pg);
  await ctx.ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function contextWith({ answersPerDay }: { answersPerDay: number }): AppContext {
  const money = { ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay } };
  return createContext({ config: silentConfig(), log: silentLog, db: database.db, pg: database.pg, money });
}

const request = (over: Partial<BillRequest> = {}): BillRequest => ({
  id: randomUUID(),
  kind: "answer",
  person: ann,
  apiKey: null,
  inGroup: false,
  model: SMALL,
  askPercent: 100,
  steps: [STEP, STEP],
  ...over,
});

/** A job of the bill that worker w1 ended. */
async function endJob(bill: string, { end = "done", answerTokens = 100, isFalse = false } = {}): Promise<string> {
  const job = randomUUID();
  await database.pg.query(
    `insert into jobs (id, key, owner, model, request, state, deadline_at, finished_at, bill)
     values ($1, $2, 'person:x', 'm', '{}', 'done', now(), now(), $3)`,
    [job, `test:${job}`, bill],
  );
  await database.pg.query(
    `insert into attempts (job_id, fence, worker_id, ended_at, "end", tokens, is_false) values ($1, 1, 'w1', now(), $2, $3, $4)`,
    [job, end, answerTokens, isFalse],
  );
  const counts = { promptTokens: 1_000, cachedTokens: 0, answerTokens, estimated: false, elapsedMs: 5 };
  await moneyTransaction(ctx.pg, (open) => chargeJob(ctx, open, { job, bill, end, ...counts }));
  return job;
}

async function balance(kind: string, owner: string, asset = "stars"): Promise<{ balance: bigint; held: bigint }> {
  const { rows } = await database.pg.query<{ balance: string; held: string }>(
    "select balance, held from ledger_accounts where asset = $1 and kind = $2 and owner = $3",
    [asset, kind, owner],
  );
  return { balance: BigInt(rows[0]?.balance ?? "0"), held: BigInt(rows[0]?.held ?? "0") };
}

const mine = () => balance("person", `person:${ann}`);

async function receiptOf(id: string): Promise<Receipt> {
  const [row] = await ctx.db.select().from(bills).where(eq(bills.id, id));
  return Receipt.parse(JSON.parse(row!.receipt!));
}

describe("a paid answer", () => {
  test("is held for at its worst, pays each step when it ends, and frees the rest with its end", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const bill = await openBill(ctx, request());
    expect(bill).toMatchObject({ paidWith: "stars", bound: null });
    expect((await mine()).held).toBe(bill.budget);
    await endJob(bill.id);
    await endJob(bill.id);
    expect((await mine()).balance).toBe(whole(50) - 2n * PRICE);
    const closed = await closeBillAlone(ctx, { bill: bill.id, end: "answered" });
    expect(closed).toEqual({ paidWith: "stars", amount: String(2n * PRICE), bound: null, freeLeft: null });
    expect(await mine()).toEqual({ balance: whole(50) - 2n * PRICE, held: 0n });
    const receipt = await receiptOf(bill.id);
    expect(receipt.legs.reduce((sum, leg) => sum + BigInt(leg.amount), 0n)).toBe(2n * PRICE);
    expect(receipt.jobs.map(({ paid }) => paid)).toEqual([true, true]);
    const shared = await Promise.all([
      balance("earner", "worker:w1"),
      balance("fees", "house"),
      balance("loss", "house"),
    ]);
    expect(shared.reduce((sum, one) => sum + one.balance, 0n)).toBe(2n * PRICE);
  });

  test("that fails costs nothing: its steps come back, and its worker is paid out of the reserve as far as it reaches", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const good = await openBill(ctx, request());
    for (let step = 0; step < 5; step++) await endJob(good.id);
    await closeBillAlone(ctx, { bill: good.id, end: "answered" });
    const before = await mine();
    const earned = await balance("earner", "worker:w1");
    const reserve = await balance("loss", "house");
    const bad = await openBill(ctx, request());
    await endJob(bad.id, { answerTokens: 0 });
    await endJob(bad.id, { end: "deadline", answerTokens: 0 });
    expect(await closeBillAlone(ctx, { bill: bad.id, end: "failed" })).toMatchObject({ amount: "0" });
    expect(await mine()).toEqual(before);
    const paid = (await balance("earner", "worker:w1")).balance - earned.balance;
    expect(paid).toBeLessThanOrEqual(reserve.balance + PRICE);
    expect((await balance("loss", "house")).balance).toBeGreaterThanOrEqual(0n);
    expect(await receiptOf(bad.id)).toMatchObject({ amount: "0", legs: [], outcome: "failed" });
  });

  test("that is stopped pays for what was delivered until then, and for nothing of a repaired step", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const bill = await openBill(ctx, request());
    const broken = await endJob(bill.id);
    await discardJob(ctx, { bill: bill.id, job: broken });
    await discardJob(ctx, { bill: bill.id, job: broken });
    expect((await mine()).balance).toBe(whole(50));
    await endJob(bill.id, { end: "cancelled" });
    await closeBillAlone(ctx, { bill: bill.id, end: "stopped" });
    expect((await mine()).balance).toBe(whole(50) - PRICE);
    expect((await receiptOf(bill.id)).jobs.map(({ purpose, paid }) => [purpose, paid])).toEqual([
      ["repair", false],
      ["step", true],
    ]);
  });

  test("gives the share of a worker whose output was false to refunds, not to the worker", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const bill = await openBill(ctx, request());
    await endJob(bill.id, { isFalse: true });
    await closeBillAlone(ctx, { bill: bill.id, end: "answered" });
    expect((await balance("earner", "worker:w1")).balance).toBe(0n);
    expect((await balance("refunds", "house")).balance).toBeGreaterThan(0n);
  });

  test("opened, ended and closed again has one effect; a job that ends after the close costs nobody", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const asked = request();
    const [one, other] = await Promise.all([openBill(ctx, asked), openBill(ctx, asked)]);
    expect(one.id).toBe(other.id);
    await endJob(asked.id);
    await Promise.all([1, 2].map(() => closeBillAlone(ctx, { bill: asked.id, end: "answered" })));
    await endJob(asked.id);
    expect(await mine()).toEqual({ balance: whole(50) - PRICE, held: 0n });
  });

  test("keeps its price when prices change under it", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const bill = await openBill(ctx, request());
    await database.pg.query(
      `insert into money_settings (name, value) values ('fee', '{"basisPoints": 2000}') on conflict do nothing`,
    );
    await endJob(bill.id);
    await closeBillAlone(ctx, { bill: bill.id, end: "answered" });
    expect((await mine()).balance).toBe(whole(50) - PRICE);
  });
});

describe("what bounds an answer", () => {
  test("a poor purse holds what it has, and says that the balance is the bound", async () => {
    await fund(ctx, ann, { stars: PRICE * 2n });
    const bill = await openBill(ctx, request());
    expect(bill).toMatchObject({ budget: PRICE * 2n, bound: "balance" });
    expect(await planStep(ctx, bill, STEP)).toMatchObject({ kind: "last" });
    await closeBillAlone(ctx, { bill: bill.id, end: "failed" });
  });

  test("nothing at all is refused with what to do, and nothing is held", async () => {
    await expect(openBill(ctx, request())).rejects.toMatchObject({ code: "payment_required" });
    expect(await ctx.db.select().from(bills)).toEqual([]);
  });

  test("sixty at once hold no more than the day's cap and no more than the balance", async () => {
    const dayCap = 3_000n;
    await ctx.db.insert(spendingCaps).values({ owner: `person:${ann}`, answer: 1_000n, day: dayCap });
    await fund(ctx, ann, { stars: whole(1_000) });
    const opened = await Promise.allSettled(Array.from({ length: 60 }, () => openBill(ctx, request())));
    const codes = opened.map((one) => (one.status === "fulfilled" ? "opened" : (one.reason as { code: string }).code));
    expect(new Set(codes)).toEqual(new Set(["opened", "cap_reached"]));
    const { held } = await mine();
    expect(held).toBeLessThanOrEqual((dayCap * 1_000_000_000n) / 13_000n);
    expect(held).toBeGreaterThan(0n);
  });

  test("the last nano unit is spent once by many at once", async () => {
    await fund(ctx, ann, { stars: PRICE * 3n });
    const opened = await Promise.allSettled(Array.from({ length: 24 }, () => openBill(ctx, request())));
    const budgets = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value.budget] : []));
    expect(budgets.reduce((sum, one) => sum + one, 0n)).toBeLessThanOrEqual(PRICE * 3n);
    expect((await mine()).held).toBe(budgets.reduce((sum, one) => sum + one, 0n));
  });

  test("who owes Stars spends only what is left above the debt", async () => {
    await fund(ctx, ann, { stars: whole(1) });
    const debt = await ctx.ledger.openAccount({ asset: "stars", kind: "debt", owner: `person:${ann}` });
    const telegram = await ctx.ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
    const owed = {
      verb: "move",
      key: randomUUID(),
      from: debt,
      to: telegram,
      amount: whole(1),
      kind: "refund",
    } as const;
    await ctx.ledger.do(owed);
    await expect(openBill(ctx, request())).rejects.toMatchObject({ code: "payment_required" });
  });

  test("halted books start nothing that is paid, and take nothing", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    ctx.ledger.halted = true;
    await expect(openBill(ctx, request())).rejects.toMatchObject({ code: "payments_paused" });
    ctx.ledger.halted = false;
    expect((await mine()).held).toBe(0n);
  });
});

describe("a free answer", () => {
  beforeEach(() => {
    ctx = contextWith({ answersPerDay: 2 });
  });

  test("comes first, moves no money, and is counted once however many are asked for at once", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const opened = await Promise.all(Array.from({ length: 6 }, () => openBill(ctx, request())));
    expect(opened.map(({ paidWith }) => paidWith).toSorted()).toEqual([
      "free",
      "free",
      "stars",
      "stars",
      "stars",
      "stars",
    ]);
    const free = opened.find(({ paidWith }) => paidWith === "free")!;
    await endJob(free.id);
    expect(await closeBillAlone(ctx, { bill: free.id, end: "answered" })).toMatchObject({ amount: "0", freeLeft: 0 });
    for (const { id } of opened) await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await mine()).toEqual({ balance: whole(50), held: 0n });
  });

  test("that failed does not count, and what it reserved of the house's day comes back", async () => {
    const bill = await openBill(ctx, request());
    await endJob(bill.id, { end: "deadline" });
    await closeBillAlone(ctx, { bill: bill.id, end: "failed" });
    expect(await ctx.db.select().from(freeAnswers)).toMatchObject([{ used: 0 }]);
    expect(await ctx.db.select().from(freeBudgets)).toMatchObject([{ used: 0n }]);
  });

  test("is not there in a group, for a request, or for a large model", async () => {
    const large = { ...SMALL, parameters: 8e9 };
    for (const over of [{ inGroup: true }, { kind: "request" as const, apiKey: randomUUID() }, { model: large }])
      await expect(openBill(ctx, request(over))).rejects.toMatchObject({ code: "payment_required" });
  });

  test("is not there for who owes Stars, until that is paid", async () => {
    const debt = await ctx.ledger.openAccount({ asset: "stars", kind: "debt", owner: `person:${ann}` });
    const telegram = await ctx.ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
    const move = { verb: "move", amount: whole(1) } as const;
    await ctx.ledger.do({ ...move, key: randomUUID(), from: debt, to: telegram, kind: "refund" });
    await expect(openBill(ctx, request())).rejects.toMatchObject({ code: "payment_required" });
    expect(await ctx.db.select().from(freeAnswers)).toEqual([]);
    await ctx.ledger.do({ ...move, key: randomUUID(), from: telegram, to: debt, kind: "debt_paid" });
    expect(await openBill(ctx, request())).toMatchObject({ paidWith: "free" });
  });

  test("ends with the house's budget for the day, for everybody", async () => {
    await database.pg.query("insert into free_budgets (day, cap, used) values ($1, 2000000, 2000000)", [
      new Date().toISOString().slice(0, 10),
    ]);
    await expect(openBill(ctx, request())).rejects.toMatchObject({ code: "payment_required" });
    expect(await ctx.db.select().from(freeAnswers)).toEqual([]);
  });

  test("pays a staked machine out of the promotion, and never the asker's own or an unstaked one", async () => {
    const promo = await ctx.ledger.openAccount({ asset: "coin", kind: "promo", owner: "house" });
    const chain = await ctx.ledger.openAccount({ asset: "coin", kind: "chain_hot", owner: "house" });
    await ctx.ledger.do({ verb: "move", key: randomUUID(), from: chain, to: promo, amount: whole(1), kind: "fund" });
    await database.pg.query(
      'insert into rates (micro_usd_per_coin, at, sources) values (1700000, now(), \'["a","b"]\')',
    );
    const earned = async (person: string | null, stake: bigint) => {
      await bindWorker(ctx.db, { worker: "w1", person, stake });
      const before = (await balance("earner", "worker:w1", "coin")).balance;
      const bill = await openBill(ctx, request());
      await endJob(bill.id);
      await closeBillAlone(ctx, { bill: bill.id, end: "answered" });
      await database.pg.query("update free_answers set used = 0");
      return (await balance("earner", "worker:w1", "coin")).balance - before;
    };
    expect(await earned(ann, whole(10))).toBe(0n);
    expect(await earned(randomUUID(), 0n)).toBe(0n);
    expect(await earned(randomUUID(), whole(10))).toBeGreaterThan(0n);
  });
});

describe("bills that were left open", () => {
  test("are closed once they are old and nothing runs for them; what may still run keeps its bill", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const bill = await openBill(ctx, request({ kind: "request", apiKey: randomUUID() }));
    const live = await openBill(ctx, request({ kind: "request", apiKey: randomUUID() }));
    await database.pg.query("update bills set opened_at = now() - interval '1 hour'");
    await database.pg.query(
      `insert into jobs (key, owner, model, request, state, deadline_at, bill)
       values ('live', 'key:x', 'm', '{}', 'queued', now(), $1)`,
      [live.id],
    );
    expect(await sweepBills(ctx)).toBe(1);
    expect((await receiptOf(bill.id)).outcome).toBe("failed");
    expect((await mine()).held).toBe(live.budget);
    await closeBillAlone(ctx, { bill: live.id, end: "failed" });
  });

  test("young ones are left alone", async () => {
    await fund(ctx, ann, { stars: whole(50) });
    const bill = await openBill(ctx, request({ kind: "request", apiKey: randomUUID() }));
    expect(await sweepBills(ctx)).toBe(0);
    await closeBillAlone(ctx, { bill: bill.id, end: "failed" });
  });
});
