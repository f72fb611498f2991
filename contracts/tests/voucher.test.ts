import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { escrowBody, isServable, redeemBy } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowTerms } from "../wrappers/escrow-codes.ts";
import { newSessionKey, privateKeyOf } from "../wrappers/session-key.ts";
import {
  ALLOWANCE_MAX,
  allowanceUpTo,
  signCloseConsent,
  signVoucher,
  spendable,
  verifyCloseConsent,
  verifyVoucher,
} from "../wrappers/voucher.ts";
import type { Voucher } from "../wrappers/voucher.ts";
import { coins, fundsWorld, sessionKeys, thiefKeys } from "./test-funds.ts";
import { signConsentByCore, signVoucherByCore, twinOf } from "./test-voucher.ts";

const nano = fc.bigInt({ min: 0n, max: 2n ** 120n - 1n });
const vouchers: fc.Arbitrary<Voucher> = fc.record({
  networkId: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  escrow: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((hash) => `0:${Buffer.from(hash).toString("hex")}`),
  round: fc.nat(2 ** 32 - 1),
  // Every length in bytes is as likely as any other.
  cumulative: fc.tuple(nano, fc.nat(120)).map(([value, bits]) => BigInt.asUintN(bits, value)),
});
const SOMEBODYS = `0:${"5a".repeat(32)}`;

/** Random bytes, of the right length half of the time. */
const bytes = (length: number) =>
  fc.oneof(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ minLength: length, maxLength: length }));

const keyOf = ({ secretKey }: { secretKey: Buffer }) => privateKeyOf(secretKey.subarray(0, 32));

describe("a voucher", () => {
  test("is signed to the bit as @ton/core and @ton/crypto sign it, and so is a consent to close", async () => {
    const key = await keyOf(sessionKeys);
    await fc.assert(
      fc.asyncProperty(vouchers, fc.nat(2 ** 32 - 1), async (voucher, validUntil) => {
        const theirs = signVoucherByCore(voucher, sessionKeys.secretKey);
        expect(Buffer.from(await signVoucher(voucher, key))).toEqual(theirs);
        const consent = { ...voucher, validUntil };
        const consented = signConsentByCore(consent, sessionKeys.secretKey);
        expect(Buffer.from(await signCloseConsent(consent, key))).toEqual(consented);
      }),
      { numRuns: 60 },
    );
  });

  test("is verified with its key and its fields, and with no other key or field", async () => {
    const { publicKey, privateKey } = await newSessionKey();
    expect(privateKey.extractable).toBe(false);
    await fc.assert(
      fc.asyncProperty(
        vouchers,
        vouchers,
        fc.constantFrom("networkId", "escrow", "round", "cumulative"),
        async (voucher, other, field) => {
          const signature = await signVoucher(voucher, privateKey);
          expect(await verifyVoucher(voucher, signature, publicKey)).toBe(true);
          expect(await verifyVoucher(voucher, signature, thiefKeys.publicKey)).toBe(false);
          fc.pre(voucher[field] !== other[field]);
          expect(await verifyVoucher({ ...voucher, [field]: other[field] }, signature, publicKey)).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is not valid as a consent to close, nor a consent as a voucher", async () => {
    const key = await keyOf(sessionKeys);
    const voucher = { networkId: -3, escrow: SOMEBODYS, round: 0, cumulative: 5n };
    const consent = { ...voucher, validUntil: 1 };
    const signed = await signVoucher(voucher, key);
    expect(await verifyCloseConsent(consent, signed, sessionKeys.publicKey)).toBe(false);
    const consented = await signCloseConsent(consent, key);
    expect(await verifyCloseConsent(consent, consented, sessionKeys.publicKey)).toBe(true);
    expect(await verifyVoucher(voucher, consented, sessionKeys.publicKey)).toBe(false);
  });

  test("that no contract could read is not signed, and the error names the field that does not fit", async () => {
    const key = await keyOf(sessionKeys);
    const voucher = { networkId: -3, escrow: SOMEBODYS, round: 0, cumulative: 5n };
    const unfit = [
      { round: 2 ** 32 },
      { round: -1 },
      { networkId: 2 ** 31 },
      { cumulative: -1n },
      { cumulative: 2n ** 120n },
      { escrow: `-1:${"5a".repeat(32)}` },
    ];
    for (const change of unfit)
      await expect(signVoucher({ ...voucher, ...change }, key)).rejects.toThrow(`${Object.keys(change)[0]} must fit`);
    await expect(signVoucher({ ...voucher, round: 0.5 }, key)).rejects.toThrow(RangeError);
    await expect(privateKeyOf(sessionKeys.secretKey)).rejects.toThrow("32 bytes");
  });

  test("from a stranger is verified and never throws: any bytes, any key, any amount, a key of zeros", async () => {
    const voucher = { networkId: -3, escrow: SOMEBODYS, round: 0 };
    await fc.assert(
      fc.asyncProperty(bytes(64), bytes(32), fc.bigInt(), async (signature, key, cumulative) => {
        expect(await verifyVoucher({ ...voucher, cumulative }, signature, key)).toBe(false);
      }),
      { numRuns: 200 },
    );
    expect(await verifyVoucher({ ...voucher, cumulative: 1n }, Buffer.alloc(64), Buffer.alloc(32))).toBe(false);
  });

  test("with a malleated signature is refused by the chain and here: a payer cannot be served on it", async () => {
    const { chain, escrow, toEscrow } = await fundsWorld();
    const voucher = {
      networkId: chain.networkId,
      escrow: escrow.address.toRawString(),
      round: 0,
      cumulative: coins(2),
    };
    const signature = signVoucherByCore(voucher, sessionKeys.secretKey);
    for (const times of [1n, 15n]) {
      const twin = twinOf(signature, times);
      const { exitCode } = await toEscrow(
        "stranger",
        escrowBody.redeem({ keyIndex: 0, cumulative: coins(2), signature: twin }),
      );
      expect(exitCode).toBe(EscrowError.BAD_SIGNATURE);
      expect(await verifyVoucher(voucher, twin, sessionKeys.publicKey)).toBe(false);
      expect(await verifyCloseConsent({ ...voucher, validUntil: 1 }, twin, sessionKeys.publicKey)).toBe(false);
    }
    expect(await verifyVoucher(voucher, signature, sessionKeys.publicKey)).toBe(true);
  });
});

test("an allowance is signed ahead up to its bound and not a nano unit more", () => {
  expect(allowanceUpTo({ captured: 7n, ahead: ALLOWANCE_MAX })).toBe(7n + ALLOWANCE_MAX);
  expect(() => allowanceUpTo({ captured: 7n, ahead: ALLOWANCE_MAX + 1n })).toThrow("at most");
  expect(() => allowanceUpTo({ captured: 7n, ahead: -1n })).toThrow("at most");
});

test("the spendable amount is signed, payable by the chain, within the cap and not captured yet", () => {
  fc.assert(
    fc.property(nano, nano, nano, nano, nano, (signed, settled, available, capLeft, captured) => {
      const left = spendable({ signed, settled, available, capLeft, captured });
      expect(left).toBeGreaterThanOrEqual(0n);
      const total = left === 0n ? 0n : captured + left;
      expect(total <= signed && total <= settled + available && total <= settled + capLeft).toBe(true);
    }),
  );
});

test("a provider serves on an open escrow without a close under way, and nowhere else; by a clock ten minutes ahead no close is missed", () => {
  const state = { keys: [sessionKeys.publicKey], ripeAt: null };
  const expiry = 2000 + EscrowTerms.WITHDRAW_WINDOW;
  expect(isServable(state, 1000)).toBe(true);
  expect(isServable({ ...state, keys: [] }, 1000)).toBe(false);
  expect(isServable({ ...state, ripeAt: 2000 }, 1000)).toBe(false);
  expect(isServable({ ...state, ripeAt: 2000 }, expiry + 599)).toBe(false);
  expect(isServable({ ...state, ripeAt: 2000 }, expiry + 600)).toBe(true);
  expect(redeemBy(state)).toBeNull();
  expect(redeemBy({ ...state, ripeAt: 2000 })).toBe(1400);
});
