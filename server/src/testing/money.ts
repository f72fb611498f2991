/** For tests: people with money, bills as answers leave them, and receipts that add up. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import type { PaidWith, Receipt, ReceiptJob, ReceiptLeg, StoredPrice } from "@starai/protocol/receipts";
import type { MoneyContext } from "../billing/context.ts";
import { bills } from "../db/schema.ts";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";
import type { AccountId } from "../ledger/rules/operation.ts";
import { receiptText } from "../receipts/receipt-text.ts";
import { divideBill } from "../prices/bill.ts";
import { noteByHand } from "./credit-notes.ts";
import { DONE, captureOf, holdOf, moveOf } from "./ledger.ts";

const NANO = 1_000_000_000n;
/** Where a person's money comes from, by what it is. */
const SOURCE = { stars: "telegram_stars", coin: "chain_deposits" } as const;

export const whole = (units: number): bigint => BigInt(units) * NANO;

export const personsAccount = (ctx: MoneyContext, asset: Asset, person: string): Promise<AccountId> =>
  ctx.ledger.openAccount({ asset, kind: "person", owner: `person:${person}` });

/** Puts this much, in nano units, on a person's balances. */
export async function fund(ctx: MoneyContext, person: string, amounts: { stars?: bigint; coin?: bigint }) {
  for (const asset of ["stars", "coin"] as const) {
    const amount = amounts[asset] ?? 0n;
    if (amount === 0n) continue;
    const from = await houseAccount(ctx, asset, SOURCE[asset]);
    const to = await personsAccount(ctx, asset, person);
    expect(await ctx.ledger.do(moveOf({ from, to, amount, kind: "topup" }))).toEqual(DONE);
  }
}

/** What somebody owes the house, as after a refund of Stars that were spent. */
export async function owe(ctx: MoneyContext, person: string, amount: bigint) {
  const from = await ctx.ledger.openAccount({ asset: "stars", kind: "debt", owner: `person:${person}` });
  const to = await houseAccount(ctx, "stars", "telegram_stars");
  expect(await ctx.ledger.do(moveOf({ from, to, amount, kind: "refund" }))).toEqual(DONE);
}

export interface TestBill {
  id?: string;
  kind?: Receipt["kind"];
  person: string | null;
  apiKey?: string;
  /** `coin` unless given. Paid bills need a funded person. */
  paidWith?: PaidWith;
  /** What was paid, or would have been. */
  amount?: bigint;
  /** The most it might have cost. */
  budget?: bigint;
  /** Ends an answer that cost nothing because it failed. */
  outcome?: string;
  openedAt?: Date;
  /** Still under way: its hold is open, and nothing was captured. */
  open?: boolean;
}

/** A bill with its hold, capture and signed receipt, as one answer leaves them. Returns its id. */
export async function billOf(ctx: MoneyContext, asked: TestBill): Promise<string> {
  const { id = randomUUID(), kind = "answer", person, paidWith = "coin", open = false, outcome = "answered" } = asked;
  const openedAt = asked.openedAt ?? new Date(ctx.clock());
  const receipt = testReceipt({ id, kind, paidWith, amount: asked.amount ?? 1_000n, outcome, openedAt });
  const budget = asked.budget ?? 10_000n;
  const amount = BigInt(receipt.amount);
  const asset = paidWith === "stars" || paidWith === "coin" ? paidWith : null;
  if (asset !== null) await holdAndPay(ctx, { id, person: person!, asset, budget, amount, openedAt, open });
  const text = receiptText(receipt);
  const signed = ctx.signer.sign(text);
  const closed = {
    closedAt: new Date(receipt.closedAt),
    amount,
    receipt: text,
    receiptKey: signed.key,
    signature: signed.signature,
  };
  // An answer that the test had written has a free bill already.
  await ctx.db.delete(bills).where(eq(bills.id, id));
  await ctx.db.insert(bills).values({
    id,
    kind,
    person,
    apiKey: asked.apiKey ?? null,
    paidWith,
    model: receipt.model.id,
    price: receipt.price,
    budget: asset === null ? 0n : budget,
    day: openedAt.toISOString().slice(0, 10),
    openedAt,
    ...(open ? {} : closed),
  });
  return id;
}

interface PaidBill {
  readonly id: string;
  readonly person: string;
  readonly asset: Asset;
  readonly budget: bigint;
  readonly amount: bigint;
  readonly openedAt: Date;
  readonly open: boolean;
}

async function holdAndPay(ctx: MoneyContext, { id, person, asset, budget, amount, openedAt, open }: PaidBill) {
  const day = openedAt.toISOString().slice(0, 10);
  const account = await personsAccount(ctx, asset, person);
  const caps = [{ owner: `person:${person}`, amount: whole(1_000_000) }];
  expect(await ctx.ledger.do(holdOf({ id, account, amount: budget, day, caps }))).toEqual(DONE);
  if (open) return;
  const { share, reserve, fee } = partsOf(amount);
  const worker = await ctx.ledger.openAccount({ asset, kind: "earner", owner: "worker:w1" });
  const legs = [
    { to: worker, amount: share, kind: "earned" },
    { to: await houseAccount(ctx, asset, "loss"), amount: reserve, kind: "loss_reserve" },
    { to: await houseAccount(ctx, asset, "fees"), amount: fee, kind: "fee" },
  ].filter((leg) => leg.amount > 0n);
  const capture = captureOf({ hold: id, legs });
  if (legs.length > 0) expect(await ctx.ledger.do(capture)).toEqual(DONE);
  expect(await ctx.ledger.do({ verb: "release", hold: id })).toEqual(DONE);
  await noteByHand(ctx.pg, [capture.key]);
}

function houseAccount(ctx: MoneyContext, asset: Asset, kind: AccountKind): Promise<AccountId> {
  return ctx.ledger.openAccount({ asset, kind, owner: "house" });
}

const HOUSE_PART = { feeBasisPoints: 1_000, lossBasisPoints: 500 };

function partsOf(amount: bigint) {
  const attempts = [{ worker: "w1", tokens: 1, isFalse: false }];
  const { shares, fee } = divideBill(amount, {
    tokens: { prompt: 600, cached: 400 },
    attempts,
    feeBasisPoints: HOUSE_PART.feeBasisPoints,
  });
  const reserve = (amount * BigInt(HOUSE_PART.lossBasisPoints)) / 10_000n;
  return { share: shares[0]!.amount, reserve, fee: fee - reserve };
}

interface ReceiptFacts {
  id?: string;
  kind?: Receipt["kind"];
  paidWith?: PaidWith;
  /** Of its only job. */
  amount?: bigint;
  outcome?: string;
  openedAt?: Date;
}

/** A receipt of one job of one worker, whose sums are right. */
export function testReceipt(facts: ReceiptFacts = {}): Receipt {
  const { id = randomUUID(), kind = "answer", paidWith = "coin", amount = 1_000n, outcome = "answered" } = facts;
  const openedAt = facts.openedAt ?? new Date(Date.UTC(2026, 10, 29, 12));
  const paid = (paidWith === "stars" || paidWith === "coin") && outcome !== "failed";
  const { share, reserve, fee } = partsOf(amount);
  const legs: ReceiptLeg[] = [
    { to: "worker", worker: "w1", amount: String(share) },
    { to: "loss_reserve", worker: null, amount: String(reserve) },
    { to: "fee", worker: null, amount: String(fee) },
  ];
  return {
    version: 1,
    id,
    kind,
    openedAt: openedAt.toISOString(),
    closedAt: new Date(openedAt.getTime() + 4_000).toISOString(),
    model: { id: "qwen2.5-coder-1.5b", sha256: "a".repeat(64) },
    outcome,
    paidWith,
    price: priceFor(amount),
    jobs: [jobOf({ amount, share, paid })],
    amount: String(paid ? amount : 0n),
    legs: paid ? legs.filter((leg) => leg.amount !== "0") : [],
    returned: "0",
    bound: null,
  };
}

/** At which 100 tokens of an answer cost this much. */
function priceFor(amount: bigint): StoredPrice {
  const perMillion = { prompt: "0", cached: "0", answer: String(amount * 10_000n) };
  return { perMillion, askPercent: 100, ...HOUSE_PART, rate: null };
}

function jobOf({ amount, share, paid }: { amount: bigint; share: bigint; paid: boolean }): ReceiptJob {
  return {
    job: randomUUID(),
    purpose: "step",
    end: "done",
    promptTokens: 600,
    cachedTokens: 400,
    answerTokens: 100,
    estimated: false,
    amount: String(amount),
    paid,
    workers: [{ worker: "w1", name: "Ann's laptop", tokens: 100, isFalse: false, amount: String(share) }],
    elapsedMs: 3_200,
  };
}
