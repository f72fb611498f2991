/** What workers are told that they got, on real books: each nano unit once, whatever ends how and at the same time. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asc, eq } from "drizzle-orm";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { Receipt } from "@starai/protocol/receipts";
import { createContext } from "../create-context.ts";
import type { AppContext } from "../context.ts";
import { bills, creditNotes, creditTotals } from "../db/schema.ts";
import { faultsInNumbers } from "../receipts/check-receipt.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { endJob } from "../testing/bill-jobs.ts";
import { expectBooksRight } from "../testing/books.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { fund, whole } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { closeBillAlone } from "./close-bill.ts";
import { insertNotes, writeNotes } from "./credit-notes.ts";
import { discardJob } from "./discard-job.ts";
import { firstEarnedEpochs } from "./held-pay.ts";
import { DEFAULT_SETTINGS } from "./money-settings.ts";
import { RolledBack, moneyTransaction } from "./money-transaction.ts";
import { openBill } from "./open-bill.ts";
import type { BillRequest } from "./open-bill.ts";

const SMALL = loadCatalogue().get("qwen2.5-coder-1.5b")!;
const STEP = { promptTokens: 1_000, answerTokensMax: 500 };
/** Nine tenths of what a job of 1,000 tokens of prompt and 100 of answer costs, in billionths of a Star. */
const SHARE = 1_453_845n;

let database: TestDatabase;
let ctx: AppContext;
let ann: string;
beforeEach(async () => {
  database = await createTestDatabase();
  ctx = contextWith({ answersPerDay: 0 });
  ann = randomUUID();
  await fund(ctx, ann, { stars: whole(50) });
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

const open = (over: Partial<BillRequest> = {}) =>
  openBill(ctx, {
    id: randomUUID(),
    kind: "answer",
    person: ann,
    apiKey: null,
    inGroup: false,
    model: SMALL,
    askPercent: 100,
    steps: [STEP, STEP, STEP],
    ...over,
  });

async function notesOf(worker: string) {
  const { number, job, amount, total, asset } = creditNotes;
  return ctx.db
    .select({ asset, number, job, amount, total })
    .from(creditNotes)
    .where(eq(creditNotes.worker, worker))
    .orderBy(asc(asset), asc(number));
}

async function receiptOf(id: string): Promise<Receipt> {
  const [row] = await ctx.db.select().from(bills).where(eq(bills.id, id));
  const receipt = Receipt.parse(JSON.parse(row!.receipt!));
  expect(faultsInNumbers(receipt)).toEqual([]);
  return receipt;
}

async function balance(kind: string, owner: string): Promise<bigint> {
  const { rows } = await database.pg.query<{ balance: string }>(
    "select balance from ledger_accounts where asset = 'stars' and kind = $1 and owner = $2",
    [kind, owner],
  );
  return BigInt(rows[0]?.balance ?? "0");
}

describe("a worker's notes", () => {
  test("say what each job of an answer brought it, with the sum, from number 1 on, once the answer has ended", async () => {
    const { id } = await open();
    const jobs = [await endJob(ctx, id), await endJob(ctx, id)];
    expect(await notesOf("w1")).toEqual([]);
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await notesOf("w1")).toEqual([
      { asset: "stars", number: 1, job: jobs[0], amount: SHARE, total: SHARE },
      { asset: "stars", number: 2, job: jobs[1], amount: SHARE, total: 2n * SHARE },
    ]);
    expect(await firstEarnedEpochs(ctx.db, ["w1"])).toEqual(new Map([["w1", 1]]));
  });

  test("are one for each job, also where it came back to the job after another worker", async () => {
    const { id } = await open({ kind: "request" });
    const job = await endJob(ctx, id, {
      delivered: [
        ["w1", 30],
        ["w2", 50],
        ["w1", 20],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const [one, other] = [await notesOf("w1"), await notesOf("w2")];
    expect([one.length, other.length]).toEqual([1, 1]);
    expect(one[0]).toMatchObject({ job, number: 1 });
    expect(one[0]!.amount - other[0]!.amount).toBeLessThanOrEqual(1n);
  });

  test("say nothing of false output, whose share goes to refunds", async () => {
    const { id } = await open();
    await endJob(ctx, id, {
      delivered: [
        ["w1", 40, { isFalse: true }],
        ["w2", 60],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await notesOf("w1")).toEqual([]);
    expect(await notesOf("w2")).toHaveLength(1);
    expect(await balance("refunds", "house")).toBeGreaterThan(0n);
  });

  test("of an answer that failed are of what the reserve paid, and of nothing where it is empty", async () => {
    const unpaid = await open();
    await endJob(ctx, unpaid.id);
    await closeBillAlone(ctx, { bill: unpaid.id, end: "failed" });
    expect(await notesOf("w1")).toEqual([]);
    await setAside(SHARE);
    const paid = await open();
    const job = await endJob(ctx, paid.id);
    await closeBillAlone(ctx, { bill: paid.id, end: "failed" });
    expect(await notesOf("w1")).toEqual([{ asset: "stars", number: 1, job, amount: SHARE, total: SHARE }]);
    expect(await balance("person", `person:${ann}`)).toBe(whole(50));
  });

  test("of a repaired step are written when it is repaired, and not again with the answer's end", async () => {
    await setAside(SHARE);
    const { id } = await open();
    const job = await endJob(ctx, id);
    await discardJob(ctx, { bill: id, job });
    await discardJob(ctx, { bill: id, job });
    expect(await notesOf("w1")).toMatchObject([{ number: 1, job, amount: SHARE }]);
    await expectBooksRight(database.pg);
    const again = await endJob(ctx, id);
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect((await notesOf("w1")).map((note) => note.job)).toEqual([job, again]);
  });

  test("of a free answer are in coins, of what the promotion paid", async () => {
    ctx = contextWith({ answersPerDay: 1 });
    const [promo, chain] = await Promise.all(
      (["promo", "chain_hot"] as const).map((kind) => ctx.ledger.openAccount({ asset: "coin", kind, owner: "house" })),
    );
    expect(await ctx.ledger.do(moveOf({ from: chain!, to: promo!, amount: whole(1) }))).toEqual(DONE);
    await database.pg.query(
      'insert into rates (micro_usd_per_coin, at, sources) values (1700000, now(), \'["a","b"]\')',
    );
    await bindWorker(ctx.db, { worker: "w1", person: randomUUID(), stake: whole(10) });
    const { id } = await open();
    const job = await endJob(ctx, id);
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await notesOf("w1")).toMatchObject([{ asset: "coin", number: 1, job }]);
  });
});

describe("a slow worker", () => {
  test("earns down to half, the rest is for machines that are there, and the receipt says so", async () => {
    const { id } = await open();
    await endJob(ctx, id, {
      delivered: [
        ["w1", 50, { timed: { tookMs: 900, levelMs: 1_000 } }],
        ["w2", 50, { timed: { tookMs: 9_000, levelMs: 1_000 } }],
      ],
    });
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    const [[fast], [slow]] = [await notesOf("w1"), await notesOf("w2")];
    const withheld = await balance("availability", "house");
    expect(slow!.amount + withheld).toBe(fast!.amount);
    expect(slow!.amount - withheld).toBeLessThanOrEqual(1n);
    const receipt = await receiptOf(id);
    expect(receipt.legs).toContainEqual({ to: "availability", worker: null, amount: String(withheld) });
    expect(receipt.jobs[0]!.workers.map((share) => share.withheld)).toEqual([undefined, String(withheld)]);
  });

  test("of an answer that failed leaves nothing withheld: everything came back", async () => {
    const { id } = await open();
    await endJob(ctx, id, { delivered: [["w1", 100, { timed: { tookMs: 9_000, levelMs: 1_000 } }]] });
    expect(await balance("availability", "house")).toBeGreaterThan(0n);
    await closeBillAlone(ctx, { bill: id, end: "failed" });
    expect(await balance("availability", "house")).toBe(0n);
    expect(await balance("person", `person:${ann}`)).toBe(whole(50));
  });
});

describe("at the same time", () => {
  test("bills of the same workers end without waiting for each other in a circle, and leave no gap", async () => {
    const workers = ["w1", "w2", "w3", "w4"];
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const { id } = await open({ steps: [STEP] });
        // Each has them in another order.
        const turned = [...workers.slice(at % 4), ...workers.slice(0, at % 4)];
        await endJob(ctx, id, { delivered: turned.map((worker) => [worker, 25] as const) });
        return id;
      }),
    );
    const deadlocks = await deadlocksIn(() =>
      Promise.all(ids.map((bill) => closeBillAlone(ctx, { bill, end: "answered" }))),
    );
    expect(deadlocks).toBe(0);
    for (const worker of workers) {
      const notes = await notesOf(worker);
      expect(notes.map(({ number }) => number)).toEqual(Array.from({ length: 12 }, (_, at) => at + 1));
    }
  });

  test("one effect that is noted many times at once has one note", async () => {
    const { id } = await open();
    const job = await endJob(ctx, id);
    const note = () => moneyTransaction(ctx.pg, ({ client }) => insertNotes(client, [{ key: job, job }]));
    await Promise.all(Array.from({ length: 8 }, note));
    expect(await notesOf("w1")).toMatchObject([{ number: 1, amount: SHARE }]);
    await closeBillAlone(ctx, { bill: id, end: "answered" });
    expect(await ctx.db.select().from(creditTotals)).toMatchObject([{ notes: 1, total: SHARE }]);
  });
});

test("who listens is told once notes are stored, and never of what was rolled back", async () => {
  const told: string[] = [];
  const stop = ctx.credited.listen((worker) => void told.push(worker));
  const { id } = await open();
  const job = await endJob(ctx, id, {
    delivered: [
      ["w1", 50],
      ["w2", 50],
    ],
  });
  await moneyTransaction(ctx.pg, async (tx) => {
    await writeNotes(ctx, tx, [{ key: job, job }]);
    throw new RolledBack(null);
  });
  expect(told).toEqual([]);
  await closeBillAlone(ctx, { bill: id, end: "answered" });
  expect(told.toSorted()).toEqual(["w1", "w2"]);
  stop();
  const other = await open();
  await endJob(ctx, other.id);
  await closeBillAlone(ctx, { bill: other.id, end: "answered" });
  expect(told).toHaveLength(2);
});

async function deadlocks(): Promise<number> {
  await database.pg.query("select pg_stat_force_next_flush()");
  const { rows } = await database.pg.query<{ deadlocks: string }>(
    "select deadlocks from pg_stat_database where datname = current_database()",
  );
  return Number(rows[0]!.deadlocks);
}

async function deadlocksIn(work: () => Promise<unknown>): Promise<number> {
  const before = await deadlocks();
  await work();
  return (await deadlocks()) - before;
}

/** Puts this much into the reserve for losses. */
async function setAside(amount: bigint): Promise<void> {
  const from = await ctx.ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const to = await ctx.ledger.openAccount({ asset: "stars", kind: "loss", owner: "house" });
  expect(await ctx.ledger.do(moveOf({ from, to, amount }))).toEqual(DONE);
}
