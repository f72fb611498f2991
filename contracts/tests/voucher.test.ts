import { Address } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escrowBody, type EscrowState, isServable } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowTerms } from "../wrappers/escrow-codes.ts";
import {
  ALLOWANCE_MAX,
  allowanceUpTo,
  signCloseConsent,
  signVoucher,
  spendable,
  verifyCloseConsent,
  verifyVoucher,
  type Voucher,
} from "../wrappers/voucher.ts";
import { coins, fundsWorld, sessionKeys, thiefKeys } from "./test-funds.ts";

const nano = fc.bigInt({ min: 0n, max: 2n ** 100n });
const vouchers: fc.Arbitrary<Voucher> = fc.record({
  networkId: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  escrow: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((hash) => new Address(0, Buffer.from(hash))),
  round: fc.nat(2 ** 31 - 1),
  cumulative: nano,
});

describe("a voucher", () => {
  test("is verified with its key and its fields, and with no other key or field", () => {
    fc.assert(
      fc.property(
        vouchers,
        vouchers,
        fc.constantFrom("networkId", "escrow", "round", "cumulative"),
        (voucher, other, field) => {
          const signature = signVoucher(voucher, sessionKeys.secretKey);
          expect(verifyVoucher(voucher, signature, sessionKeys.publicKey)).toBe(true);
          expect(verifyVoucher(voucher, signature, thiefKeys.publicKey)).toBe(false);
          fc.pre(String(voucher[field]) !== String(other[field]));
          expect(verifyVoucher({ ...voucher, [field]: other[field] }, signature, sessionKeys.publicKey)).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is no consent to close, nor the other way round", () => {
    const voucher = { networkId: -3, escrow: new Address(0, Buffer.alloc(32)), round: 0, cumulative: 5n };
    const consent = { ...voucher, validUntil: 1 };
    const signed = signVoucher(voucher, sessionKeys.secretKey);
    expect(verifyCloseConsent(consent, signed, sessionKeys.publicKey)).toBe(false);
    const consented = signCloseConsent(consent, sessionKeys.secretKey);
    expect(verifyCloseConsent(consent, consented, sessionKeys.publicKey)).toBe(true);
    expect(verifyVoucher(voucher, consented, sessionKeys.publicKey)).toBe(false);
  });

  test("from a stranger is judged and never throws: any bytes, any amount, a key of zeros", () => {
    const voucher = { networkId: -3, escrow: new Address(0, Buffer.alloc(32)), round: 0 };
    const bytes = fc.uint8Array({ maxLength: 80 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, bytes, fc.bigInt(), (signature, key, cumulative) => {
        expect(verifyVoucher({ ...voucher, cumulative }, signature, key)).toBe(false);
      }),
      { numRuns: 100 },
    );
    expect(verifyVoucher({ ...voucher, cumulative: 1n }, Buffer.alloc(64), Buffer.alloc(32))).toBe(false);
  });

  test("whose signature the chain would refuse is refused here: a payer cannot be served on its twin", async () => {
    const { chain, escrow, toEscrow } = await fundsWorld();
    const voucher = { networkId: chain.networkId, escrow: escrow.address, round: 0, cumulative: coins(2) };
    const signature = signVoucher(voucher, sessionKeys.secretKey);
    for (const times of [1n, 15n]) {
      const twin = withGroupOrderAdded(signature, times);
      const { exitCode } = await toEscrow("stranger", escrowBody.redeem({ cumulative: coins(2), signature: twin }));
      expect(exitCode).toBe(EscrowError.BAD_SIGNATURE);
      expect(verifyVoucher(voucher, twin, sessionKeys.publicKey)).toBe(false);
      expect(verifyCloseConsent({ ...voucher, validUntil: 1 }, twin, sessionKeys.publicKey)).toBe(false);
    }
    expect(verifyVoucher(voucher, signature, sessionKeys.publicKey)).toBe(true);
  });
});

/** The same signature to whoever does not ask that its scalar is below the order of the group. */
function withGroupOrderAdded(signature: Buffer, times: bigint): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const scalar = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + times * order;
  return Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from(scalar.toString(16).padStart(64, "0"), "hex").reverse(),
  ]);
}

test("an allowance is signed ahead up to its bound and not a nano unit more", () => {
  expect(allowanceUpTo({ captured: 7n, ahead: ALLOWANCE_MAX })).toBe(7n + ALLOWANCE_MAX);
  expect(() => allowanceUpTo({ captured: 7n, ahead: ALLOWANCE_MAX + 1n })).toThrow("at most");
  expect(() => allowanceUpTo({ captured: 7n, ahead: -1n })).toThrow("at most");
});

test("what is spendable was signed, can be paid by the chain and was not spent yet", () => {
  fc.assert(
    fc.property(nano, nano, nano, nano, (signed, settled, available, captured) => {
      const left = spendable({ signed, settled, available, captured });
      expect(left).toBeGreaterThanOrEqual(0n);
      const total = left === 0n ? 0n : captured + left;
      expect(total <= signed && total <= settled + available).toBe(true);
    }),
  );
});

test("a provider serves on an open escrow without a close under way, and nowhere else", () => {
  const keys = keyPairFromSeed(Buffer.alloc(32, 7));
  const state = { sessionKey: keys.publicKey, ripeAt: null } as EscrowState;
  expect(isServable(state, 1000)).toBe(true);
  expect(isServable({ ...state, sessionKey: null }, 1000)).toBe(false);
  expect(isServable({ ...state, ripeAt: 2000 }, 1000)).toBe(false);
  expect(isServable({ ...state, ripeAt: 2000 }, 1999 + EscrowTerms.WITHDRAW_WINDOW)).toBe(false);
  expect(isServable({ ...state, ripeAt: 2000 }, 2000 + EscrowTerms.WITHDRAW_WINDOW)).toBe(true);
});
