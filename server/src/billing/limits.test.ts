/** Limits that must hold together: of two currencies, of a debt, of a price of nothing. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadCatalogue } from "@starai/protocol/catalogue";
import { createContext } from "../create-context.ts";
import type { AppContext } from "../context.ts";
import { freeAnswers, spendingCaps } from "../db/schema.ts";
import { endJob } from "../testing/bill-jobs.ts";
import { expectBooksRight } from "../testing/books.ts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { fund, owe, whole } from "../testing/money.ts";
import { silentConfig, silentLog } from "../testing/quiet.ts";
import { storeRate } from "../testing/rates.ts";
import { closeBillAlone } from "./close-bill.ts";
import { DEFAULT_SETTINGS } from "./money-settings.ts";
import type { MoneySettings } from "./money-settings.ts";
import { openBill } from "./open-bill.ts";
import type { BillRequest } from "./open-bill.ts";

const SMALL = loadCatalogue().get("qwen2.5-coder-1.5b")!;
/** At most 45 micro-dollars at list prices; 1,000 of the prompt and 100 of the answer are 21. */
const STEP = { promptTokens: 1_000, answerTokensMax: 500 };

let database: TestDatabase;
let ctx: AppContext;
let ann: string;
beforeEach(async () => {
  database = await createTestDatabase();
  ctx = contextWith({ free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } });
  ann = randomUUID();
});
afterEach(async () => {
  await expectBooksRight(database.pg);
  await ctx.ledger[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

function contextWith(money: Partial<MoneySettings>): AppContext {
  const parts = { config: silentConfig(), log: silentLog, db: database.db, pg: database.pg };
  return createContext({ ...parts, money: { ...DEFAULT_SETTINGS, ...money } });
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
    steps: [STEP],
    ...over,
  });

describe("a day's limit", () => {
  beforeEach(async () => {
    await storeRate(ctx.db);
    await fund(ctx, ann, { stars: whole(50), coin: whole(50) });
  });

  test("is one for Stars and coins together: what was spent in one is not left in the other", async () => {
    await ctx.db.insert(spendingCaps).values({ owner: `person:${ann}`, answer: 40n, day: 45n });
    for (let answer = 0; answer < 2; answer++) {
      const bill = await open();
      await endJob(ctx, bill.id);
      await closeBillAlone(ctx, { bill: bill.id, end: "answered" });
    }
    // Two cost 21 micro-dollars each: three are left of the 45, and not even a short answer is had for them.
    await expect(open()).rejects.toMatchObject({ code: "cap_reached" });
  });

  test("of a key is one for both as well", async () => {
    const apiKey = randomUUID();
    await ctx.db.insert(spendingCaps).values({ owner: `key:${apiKey}`, day: 50n });
    const first = await open({ kind: "request", apiKey });
    expect(first.paidWith).toBe("stars");
    await expect(open({ kind: "request", apiKey })).rejects.toMatchObject({ code: "cap_reached" });
    await closeBillAlone(ctx, { bill: first.id, end: "failed" });
    expect((await open({ kind: "request", apiKey })).paidWith).toBe("stars");
  });
});

test("who owes Stars has no free answers until that is paid, and may spend coins", async () => {
  ctx = contextWith({});
  await storeRate(ctx.db);
  await owe(ctx, ann, whole(1));
  await expect(open()).rejects.toMatchObject({ code: "payment_required" });
  expect(await ctx.db.select().from(freeAnswers)).toEqual([]);
  await fund(ctx, ann, { coin: whole(1) });
  expect((await open()).paidWith).toBe("coin");
});

test("a model whose price is nothing is answered for nothing to who could pay for another", async () => {
  const free = { prompt: 0n, cached: 0n, answer: 0n };
  const prices = { ...DEFAULT_SETTINGS.prices, models: new Map([[SMALL.id, free]]) };
  ctx = contextWith({ prices, free: { ...DEFAULT_SETTINGS.free, answersPerDay: 0 } });
  await fund(ctx, ann, { stars: whole(1) });
  const bill = await open();
  await endJob(ctx, bill.id);
  expect(await closeBillAlone(ctx, { bill: bill.id, end: "answered" })).toMatchObject({ amount: "0" });
});
