/** Ends of answers that must cost nobody anything, whatever happens beside them. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { Receipt } from "@starai/protocol/receipts";
import { createContext } from "../create-context.ts";
import type { AppContext } from "../context.ts";
import { bills } from "../db/schema.ts";
import { faultsInNumbers } from "../receipts/check-receipt.ts";
import { endJob } from "../testing/bill-jobs.ts";
import { expectBooksRight } from "../testing/books.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { fund, whole } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { closeBillAlone } from "./close-bill.ts";
import { discardJob } from "./discard-job.ts";
import { DEFAULT_SETTINGS } from "./money-settings.ts";
import { openBill } from "./open-bill.ts";
import type { BillRequest } from "./open-bill.ts";
import { settleLosses } from "./settle-losses.ts";

const SMALL = loadCatalogue().get("qwen2.5-coder-1.5b")!;
const STEP = { promptTokens: 1_000, answerTokensMax: 500 };
const RICH = whole(50);

let database: TestDatabase;
let ctx: AppContext;
let ann: string;
beforeEach(async () => {
  database = await createTestDatabase();
  const money = { ...DEFAULT_SETTINGS, free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } };
  ctx = createContext({ config: silentConfig(), log: silentLog, db: database.db, pg: database.pg, money });
  ann = randomUUID();
  await fund(ctx, ann, { stars: RICH });
});
afterEach(async () => {
  await expectBooksRight(database.pg);
  await ctx.ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

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

async function balance(kind: string, owner: string): Promise<bigint> {
  const { rows } = await database.pg.query<{ balance: string }>(
    "select balance from ledger_accounts where asset = 'stars' and kind = $1 and owner = $2",
    [kind, owner],
  );
  return BigInt(rows[0]?.balance ?? "0");
}
const mine = () => balance("person", `person:${ann}`);

async function expectReceiptRight(id: string): Promise<void> {
  const [row] = await ctx.db.select().from(bills).where(eq(bills.id, id));
  expect(faultsInNumbers(Receipt.parse(JSON.parse(row!.receipt!)))).toEqual([]);
}

describe("an answer that was stopped", () => {
  test("before any machine had it costs nothing, not even its prompt", async () => {
    const { id } = await open();
    await endJob(ctx, id, { end: "cancelled", delivered: [] });
    expect(await closeBillAlone(ctx, { bill: id, end: "stopped" })).toMatchObject({ amount: "0" });
    expect(await mine()).toBe(RICH);
    await expectReceiptRight(id);
  });

  test("before its first token costs nothing: nothing of it was delivered", async () => {
    const { id } = await open();
    await endJob(ctx, id, { end: "cancelled", delivered: [["w1", 0]] });
    expect(await closeBillAlone(ctx, { bill: id, end: "stopped" })).toMatchObject({ amount: "0" });
    expect(await mine()).toBe(RICH);
    await expectReceiptRight(id);
  });

  test("after its first token pays for that and the prompt", async () => {
    const { id } = await open();
    await endJob(ctx, id, { end: "cancelled", delivered: [["w1", 1]] });
    await closeBillAlone(ctx, { bill: id, end: "stopped" });
    expect(await mine()).toBeLessThan(RICH);
    await expectReceiptRight(id);
  });
});

describe("an answer that failed after a captured step", () => {
  /** Of a step's price of 1,615,384. */
  const SHARE = 1_453_845n;
  const nearlyAShare = () => setAside(SHARE - 1n);

  test("costs nothing, also when other failures were paid out of the reserve meanwhile", async () => {
    await nearlyAShare();
    const bill = await open();
    await endJob(ctx, bill.id);
    const other = await open();
    await endJob(ctx, other.id, { end: "deadline" });
    await closeBillAlone(ctx, { bill: other.id, end: "failed" });
    expect(await closeBillAlone(ctx, { bill: bill.id, end: "failed" })).toMatchObject({ amount: "0" });
    expect(await mine()).toBe(RICH);
    await expectReceiptRight(bill.id);
  });

  test("costs nothing, also when its own repaired step was paid out of the reserve", async () => {
    await nearlyAShare();
    const { id } = await open();
    await endJob(ctx, id);
    await discardJob(ctx, { bill: id, job: await endJob(ctx, id) });
    expect(await closeBillAlone(ctx, { bill: id, end: "failed" })).toMatchObject({ amount: "0" });
    expect(await mine()).toBe(RICH);
    await expectReceiptRight(id);
  });

  test("costs nothing, also when midnight came between the step and the failure", async () => {
    const { id } = await open();
    await endJob(ctx, id);
    const tomorrow = Date.now() + 24 * 60 * 60_000;
    await settleLosses({ ...ctx, clock: () => tomorrow });
    expect(await closeBillAlone(ctx, { bill: id, end: "failed" })).toMatchObject({ amount: "0" });
    expect(await mine()).toBe(RICH);
    await expectReceiptRight(id);
  });

  test("leaves the reserve of answered ones to the workers of those that fail", async () => {
    const good = await open();
    await endJob(ctx, good.id);
    await closeBillAlone(ctx, { bill: good.id, end: "answered" });
    const reserve = await balance("loss", "house");
    expect(reserve).toBe(80_769n);
    await setAside(SHARE - reserve);
    const bad = await open();
    await endJob(ctx, bad.id, { end: "deadline", delivered: [["w2", 100]] });
    await closeBillAlone(ctx, { bill: bad.id, end: "failed" });
    expect(await balance("earner", "worker:w2")).toBe(SHARE);
    expect(await balance("loss", "house")).toBe(0n);
  });
});

/** Puts this much into the reserve for losses. */
async function setAside(amount: bigint): Promise<void> {
  const from = await ctx.ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const to = await ctx.ledger.openAccount({ asset: "stars", kind: "loss", owner: "house" });
  expect(await ctx.ledger.do(moveOf({ from, to, amount }))).toEqual(DONE);
}
