import { expect, test } from "vitest";
import { isCredited, parsePending } from "./pending-payment.ts";
import type { PendingPayment } from "./pending-payment.ts";
import { topUpOutcome } from "./top-up-outcome.ts";
import { creditOf } from "./use-top-up.ts";

const STAR = 1_000_000_000n;
const now = Date.parse("2026-11-29T12:00:00Z");
const order = { expiresAt: "2026-11-29T12:30:00Z" };
const late = new Date("2026-11-29T12:30:00Z");
const payment: PendingPayment = { credit: String(50n * STAR), before: "0", at: now, elsewhere: false };
const stars = (spendable: bigint, held = 0n, debt = 0n) => ({
  spendable: String(spendable),
  held: String(held),
  debt: String(debt),
});

test("a payment that was made or is being made waits for its credit", () => {
  for (const status of ["paid", "pending"] as const) expect(topUpOutcome(status, order, new Date(now))).toBe("waiting");
});

test("a payment that was not made says why: cancelled, refused, or too late for its order", () => {
  expect(topUpOutcome("cancelled", order, late)).toBe("cancelled");
  expect(topUpOutcome("failed", order, new Date(now))).toBe("failed");
  expect(topUpOutcome("failed", order, late)).toBe("expired");
});

test("without a payment sheet it is made in another window, if at all", () => {
  expect(topUpOutcome(null, order, new Date(now))).toBe("elsewhere");
});

test("a credit is seen although answers are paid meanwhile, and although a debt takes it", () => {
  expect(isCredited(payment, stars(0n))).toBe(false);
  expect(isCredited(payment, stars(50n * STAR - 3_000_000n))).toBe(true);
  expect(isCredited(payment, stars(40n * STAR, 9n * STAR))).toBe(true);
  const owing = { ...payment, before: String(-50n * STAR) };
  expect(isCredited(owing, stars(0n, 0n, 50n * STAR))).toBe(false);
  expect(isCredited(owing, stars(0n))).toBe(true);
});

test("a subscription brings a tenth more than a pack of its size", () => {
  expect(creditOf({ kind: "pack", stars: 250 })).toBe(250n * STAR);
  expect(creditOf({ kind: "subscription" })).toBe(275n * STAR);
});

test("a kept payment is read back until it is an hour old; one in another window until its order is void", () => {
  const text = JSON.stringify(payment);
  expect(parsePending(text, now + 59 * 60_000)).toEqual(payment);
  expect(parsePending(text, now + 60 * 60_000)).toBeNull();
  expect(parsePending(JSON.stringify({ ...payment, elsewhere: true }), now + 30 * 60_000)).toBeNull();
});

test("what is no payment is not read as one", () => {
  for (const text of [null, "", "{", "null", "[]", "7", '{"credit":"1"}', JSON.stringify({ ...payment, before: 1 })])
    expect(parsePending(text, now)).toBeNull();
});
