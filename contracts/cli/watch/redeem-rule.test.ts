import { Address } from "@ton/core";
import { expect, test } from "vitest";
import { EscrowTerms } from "../../wrappers/escrow-codes.ts";
import { isWorth, vouchersFor } from "./redeem-rule.ts";
import type { EscrowView } from "./redeem-rule.ts";

const ADDRESS = `0:${"5a".repeat(32)}`;
const COIN = 1_000_000_000n;

function viewOf(state: Partial<EscrowView["state"]> = {}, rest: Partial<EscrowView> = {}): EscrowView {
  const somebody = new Address(0, Buffer.alloc(32));
  const terms = { owner: somebody, vault: somebody, providerKey: Buffer.alloc(32), networkId: -3 };
  const open = { keys: [Buffer.alloc(32, 9)], settled: COIN, round: 2, ripeAt: null, dailyCap: COIN, capLeft: COIN };
  return { address: ADDRESS, state: { ...terms, ...open, ...state }, spendable: COIN, nowS: 1_000, ...rest };
}

const voucher = (cumulative: bigint, change = {}) => ({
  networkId: -3,
  escrow: ADDRESS,
  round: 2,
  cumulative,
  signature: Buffer.alloc(64),
  ...change,
});

test("vouchers of other escrows, rounds and networks are left out, and the largest is first", () => {
  const others = [
    voucher(9n, { networkId: -239 }),
    voucher(9n, { round: 1 }),
    voucher(9n, { escrow: `0:${"00".repeat(32)}` }),
  ];
  expect(
    vouchersFor([...others, voucher(1n), voucher(3n), voucher(2n)], viewOf()).map((own) => own.cumulative),
  ).toEqual([3n, 2n, 1n]);
});

test("a redemption waits for 0.05, or for a close; what the chain would not pay now does not count", () => {
  const owed = (nano: bigint, view: EscrowView) => isWorth(COIN + nano, view);
  expect(owed(50_000_000n, viewOf())).toBe(true);
  expect(owed(49_999_999n, viewOf())).toBe(false);
  expect(owed(COIN, viewOf({ capLeft: 49_999_999n }))).toBe(false);
  expect(owed(COIN, viewOf({}, { spendable: 49_999_999n }))).toBe(false);
  expect(owed(-COIN, viewOf())).toBe(false);
  expect(owed(1_000_000n, viewOf({ ripeAt: 2_000 }))).toBe(true);
  expect(owed(999_999n, viewOf({ ripeAt: 2_000 }))).toBe(false);
  const over = viewOf({ ripeAt: 1_000 }, { nowS: 1_000 + EscrowTerms.WITHDRAW_WINDOW });
  expect(owed(49_999_999n, over)).toBe(false);
});
