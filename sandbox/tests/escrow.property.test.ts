/**
 * Whatever a person does with their escrow, and wherever our work on it breaks off: what the chain paid is what was
 * served, less what the house lost, and what is left of it the person's; and never is more than a tenth of a coin served
 * that was not paid.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { escrowBody } from "@starai/contracts/Escrow";
import { ALLOWANCE_MAX } from "@starai/contracts/voucher";
import { closeBillAlone } from "@starai/server/billing/close-bill";
import type { AppContext } from "@starai/server/context";
import { acceptVoucher } from "@starai/server/escrow/accept-voucher";
import { giveConsent } from "@starai/server/escrow/give-consent";
import { lookAtEscrows } from "@starai/server/escrow/look-at-escrows";
import { Refusal } from "@starai/server/errors";
import { Crash, CrashingPool } from "@starai/server/testing/crashing-pool";
import { endJob } from "@starai/server/testing/bill-jobs";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse, Keeper } from "../src/testing/escrow-house.ts";

const isLong = process.env["LONG_TESTS"] === "1";
const never = new AbortController().signal;
let house: EscrowHouse;

beforeAll(async () => {
  house = await openEscrowHouse();
  await house.fillHotWallet();
});
afterAll(() => house[Symbol.asyncDispose]());

type Act =
  | { readonly kind: "sign"; readonly thousandths: number; readonly crashAt: number }
  | { readonly kind: "answer"; readonly thousandths: number }
  | { readonly kind: "fail" | "read" | "pay" | "redeem" | "together" | "withdraw" | "newKey" }
  | { readonly kind: "watch"; readonly crashAt: number };

const crashAt = fc.integer({ min: 0, max: 12 });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("sign" as const),
      thousandths: fc.integer({ min: 1, max: 110 }),
      crashAt,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      thousandths: fc.integer({ min: 1, max: 50 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("watch" as const), crashAt }) },
  ...(["fail", "read", "pay", "redeem", "together", "withdraw", "newKey"] as const).map((kind) => ({
    weight: kind === "read" || kind === "pay" ? 3 : 1,
    arbitrary: fc.constant({ kind }),
  })),
);

let crashes = 0;

/** Does it with a connection that breaks, and again with one that does not. */
async function twice<Value>(at: number, work: (ctx: AppContext) => Promise<Value>): Promise<Value | null> {
  if (at > 0) {
    const crashing = new CrashingPool(house.ctx.pg);
    crashing.after = at - 1;
    await work({ ...house.ctx, pg: crashing.pool }).catch((error: unknown) => {
      if (!isCrash(error)) return orRefused(error);
      crashes++;
      return null;
    });
  }
  return work(house.ctx).catch(orRefused);
}

/** The faults of drizzle have the connection's as their cause. */
function isCrash(error: unknown): boolean {
  return error instanceof Crash || (error instanceof Error && error.cause instanceof Crash);
}

/** Refusals are answers. */
function orRefused(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}

async function redeemedByHand(ann: Keeper): Promise<void> {
  const { rows } = await house.ctx.pg.query<{ cumulative: string; signature: Buffer }>(
    "select cumulative, signature from vouchers where escrow = $1 order by round desc limit 1",
    [ann.address],
  );
  if (rows[0] === undefined) return;
  const { cumulative, signature } = rows[0];
  await ann.send(escrowBody.redeem({ keyIndex: 0, cumulative: BigInt(cumulative), signature }));
}

async function closed(ann: Keeper, how: "together" | "withdraw" | "newKey"): Promise<void> {
  if (how === "together") {
    const consent = await giveConsent(house.ctx, ann.id).catch(orRefused);
    if (consent === null) return;
    const { validUntil } = consent;
    const signature = Buffer.from(consent.signature, "hex");
    return ann.send(escrowBody.closeTogether({ cumulative: BigInt(consent.cumulative), validUntil, signature }));
  }
  await ann.send(escrowBody.requestClose());
  await house.advance(86_400 + 60);
  const setKey = { sessionKey: ann.key.publicKey, dailyCap: coins(1) };
  await ann.send(how === "withdraw" ? escrowBody.withdraw() : escrowBody.setKey(setKey));
  if (how === "withdraw") await ann.send(escrowBody.topUp(), coins(2));
}

async function doAct(ann: Keeper, one: Act): Promise<void> {
  switch (one.kind) {
    case "sign": {
      const { chain, served } = await ann.view();
      const cumulative = BigInt(served) + coins(one.thousandths / 1_000);
      const voucher = await ann.voucher(cumulative, { round: chain!.round });
      await twice(one.crashAt, (ctx) => acceptVoucher(ctx, ann.id, voucher));
      return;
    }
    case "answer":
      await ann.answer(coins(one.thousandths / 1_000)).catch(orRefused);
      return;
    case "fail": {
      const bill = await ann.ask().catch(orRefused);
      if (bill === null) return;
      await endJob(house.ctx, bill.id);
      await closeBillAlone(house.ctx, { bill: bill.id, end: "failed" });
      return;
    }
    case "watch":
      await twice(one.crashAt, (ctx) => lookAtEscrows(ctx, house.chain, never));
      return;
    case "read":
      return house.read();
    case "pay":
      return house.payOut();
    case "redeem":
      return redeemedByHand(ann);
    case "together":
    case "withdraw":
    case "newKey":
      return closed(ann, one.kind);
  }
}

/** Nano units since the beginning. */
async function sumsOf(ann: Keeper) {
  const { rows } = await house.ctx.pg.query<Record<"served" | "lost" | "over", string>>(
    `with mine as (select id, kind from ledger_accounts where owner = $1)
     select (select coalesce(sum(amount), 0) from bills where escrow = $2) as served,
       (select coalesce(sum(p.amount), 0) from ledger_postings p join mine on mine.id = p.credit where p.kind = 'escrow_loss') as lost,
       (select coalesce(sum(p.amount), 0) from ledger_postings p join mine on mine.id = p.debit where p.kind = 'escrow_over') as over`,
    [`escrow:${ann.address.slice(2)}`, ann.address],
  );
  const { served, lost, over } = rows[0]!;
  return { served: BigInt(served), lost: BigInt(lost), over: BigInt(over) };
}

async function expectLawsOf(ann: Keeper): Promise<void> {
  const { served, lost } = await sumsOf(ann);
  const { settled } = await ann.escrow.getState();
  expect(served - lost - settled).toBeLessThanOrEqual(ALLOWANCE_MAX);
}

test(
  "nothing is lost, doubled, or served without a bound",
  async () => {
    let name = 0;
    let servedInAll = 0n;
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 12, maxLength: 30 }), async (acts) => {
        const ann = await house.keeper(`ann ${++name}`);
        for (const one of acts) {
          await doAct(ann, one);
          await expectLawsOf(ann);
        }
        await closed(ann, "withdraw");
        await house.read();
        await house.watch();
        const { served, lost, over } = await sumsOf(ann);
        expect((await ann.escrow.getState()).settled).toBe(served - lost + over);
        servedInAll += served;
        const balances = await house.balances();
        for (const kind of ["receivable", "escrow"])
          expect(balances[`${kind} escrow:${ann.address.slice(2)}`]).toBeUndefined();
        await house.expectRight();
      }),
      { numRuns: isLong ? 40 : 2, endOnFailure: true },
    );
    expect(servedInAll).toBeGreaterThan(0n);
    expect(crashes).toBeGreaterThan(0);
  },
  isLong ? 3_600_000 : 240_000,
);
