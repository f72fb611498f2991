/**
 * A provider serves on what `verifyVoucher` accepts and is paid for what the chain accepts: whatever one takes and the other refuses is service for
 * nothing. Weak keys are where verifiers differ, also between versions of the TVM: since global version 14 CHKSIGNU refuses the keys 00…00 and
 * 01 00…00, which the emulator's version does not. So no weak key gets into an escrow, and no TVM is ever asked about one.
 */
import { beginCell } from "@ton/core";
import type { Cell } from "@ton/core";
import { describe, expect, test } from "vitest";
import { Escrow, escrowBody } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowOp } from "../wrappers/escrow-codes.ts";
import { isWeakKey } from "../wrappers/session-key.ts";
import { verifyCloseConsent, verifyVoucher } from "../wrappers/voucher.ts";
import { coins, DAILY_CAP, ENOUGH, fundsWorld, providerKeys, sessionKeys } from "./test-funds.ts";
import { L, littleEndian, oddPair, signOddly, signWithSmallR, weakKeys } from "./test-points.ts";
import type { OddPair } from "./test-points.ts";
import { twinOf, voucherHash } from "./test-voucher.ts";

/** SetKey as nobody's wrapper builds it: any 32 bytes. */
const setAnyKey = (op: number, key: Buffer): Cell => {
  const body = beginCell().storeUint(op, 32).storeUint(0, 64).storeBuffer(key, 32);
  return (op === EscrowOp.SetKey ? body.storeCoins(DAILY_CAP) : body).endCell();
};

/** A stranger's escrow with a coin in it, not opened; `reset` takes it back to that. */
async function unopened() {
  const world = await fundsWorld();
  const escrow = world.escrowFor("stranger");
  await escrow.sendTopUp(world.parties.owner.getSender(), { value: coins(1) });
  const beginning = world.chain.snapshot();
  const send = (body: Cell) => world.send({ from: "stranger", to: escrow.address, body, value: ENOUGH });
  return { ...world, escrow, send, reset: () => world.chain.loadFrom(beginning) };
}

describe("a weak key", () => {
  test("is one of small order or not reduced, of either sign: 48 encodings, the best known three among them", () => {
    const weak = weakKeys().map((key) => key.toString("hex"));
    expect(new Set(weak).size).toBe(2 * (5 + 19));
    expect(weak).toEqual(
      expect.arrayContaining([
        "00".repeat(32),
        `01${"00".repeat(31)}`,
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      ]),
    );
  });

  test("is refused by the chain exactly where it is here, and so is no key beside it", async () => {
    const { escrow, send, reset } = await unopened();
    const beside = weakKeys().flatMap((key) => [0, 5, 31].map((at) => flipped(key, at)));
    const strong = [sessionKeys.publicKey, providerKeys.publicKey, oddPair(77n, 3).publicKey];
    const keys = [...weakKeys(), ...beside, ...strong];
    let refused = 0;
    for (const key of keys) {
      await reset();
      const { exitCode } = await send(setAnyKey(EscrowOp.SetKey, key));
      expect(exitCode, `the key ${key.toString("hex")}`).toBe(isWeakKey(key) ? EscrowError.WEAK_KEY : 0);
      expect((await escrow.getState()).keys).toEqual(isWeakKey(key) ? [] : [key]);
      refused += isWeakKey(key) ? 1 : 0;
    }
    expect(refused).toBeGreaterThanOrEqual(weakKeys().length);
    expect(keys.length - refused).toBeGreaterThan(weakKeys().length);
  });

  test("is refused also as another device's, as a provider's, and by the wrapper before anything is sent", async () => {
    const { toEscrow, escrow } = await fundsWorld();
    const state = await escrow.getState();
    for (const key of weakKeys().slice(0, 6)) {
      expect((await toEscrow("owner", setAnyKey(EscrowOp.AddKey, key))).exitCode).toBe(EscrowError.WEAK_KEY);
      expect(() => escrowBody.setKey({ sessionKey: key, dailyCap: 1n })).toThrow("nobody else can sign");
      expect(() => escrowBody.addKey({ sessionKey: key })).toThrow("nobody else can sign");
      expect(() => Escrow.of({ ...state, providerKey: key })).toThrow("nobody else can sign");
    }
    expect((await escrow.getState()).keys).toHaveLength(1);
  });

  test("verifies nothing here, although anybody can sign for it: neither a voucher nor a consent", async () => {
    const voucher = { networkId: -239, escrow: `0:${"5a".repeat(32)}`, round: 0, cumulative: coins(9) };
    for (let mixed = 0; mixed < 8; mixed++) {
      const anybodys = oddPair(0n, mixed);
      const signature = signOddly(anybodys, voucherHash(voucher));
      expect(await verifyVoucher(voucher, signature, anybodys.publicKey)).toBe(false);
      expect(await verifyCloseConsent({ ...voucher, validUntil: 1 }, signature, anybodys.publicKey)).toBe(false);
    }
  });
});

describe("verifyVoucher, check_voucher and Redeem judge alike", () => {
  test("over odd signatures of an honest key: only the signature itself and one with an R of order one are taken", async () => {
    const honest = oddPair(1234567n, 0);
    const { judge, verdicts } = await judging(honest);
    const sign = (message: Buffer) => signOddly(honest, message);
    await judge("its own", sign);
    await judge("R of order 1", (message) => signWithSmallR(honest, message)[0]!);
    const taken = verdicts.length;
    for (let small = 1; small < 8; small++)
      await judge(`R of small order, ${small}`, (message) => signWithSmallR(honest, message)[small]!);
    for (const more of [1n, 2n, 7n, 15n]) await judge(`S + ${more} L`, (message) => twinOf(sign(message), more));
    await judge("R not reduced", (message) =>
      Buffer.concat([littleEndian(2n ** 255n - 18n), signWithSmallR(honest, message)[0]!.subarray(32)]),
    );
    await judge("S of zero", (message) => Buffer.concat([sign(message).subarray(0, 32), Buffer.alloc(32)]));
    await judge("S = L", (message) => Buffer.concat([sign(message).subarray(0, 32), littleEndian(L)]));
    await judge("zeros", () => Buffer.alloc(64));
    await judge("ones", () => Buffer.alloc(64, 255));
    await judge("cut", (message) => sign(message).subarray(0, 63));
    await judge("too long", (message) => Buffer.concat([sign(message), Buffer.alloc(1)]));
    await judge("empty", () => Buffer.alloc(0));
    for (const at of [0, 31, 32, 63]) await judge(`bit flipped in byte ${at}`, (message) => flipped(sign(message), at));
    expect(verdicts.slice(0, taken)).toEqual([true, true]);
    expect(verdicts.slice(taken)).not.toContain(true);
    expect(verdicts.length).toBeGreaterThan(20);
  });

  test("over keys with a part of small order, whose owner can sign, and over a key that is no point", async () => {
    for (let mixed = 1; mixed < 8; mixed++) {
      const pair = oddPair(99n, mixed);
      expect(isWeakKey(pair.publicKey)).toBe(false);
      const { judge, verdicts } = await judging(pair);
      await judge(`order 8 · L, part ${mixed}`, (message) => signOddly(pair, message));
      await judge("its twin", (message) => twinOf(signOddly(pair, message)));
      await judge("signed without the part", (message) =>
        signOddly({ ...oddPair(99n, 0), publicKey: pair.publicKey }, message),
      );
      expect(verdicts.slice(0, 2)).toEqual([true, false]);
    }
    const noPoint = { ...oddPair(1n, 0), publicKey: littleEndian(2n) };
    const { judge, verdicts } = await judging(noPoint);
    await judge("no point", (message) => signOddly(noPoint, message));
    expect(verdicts).toEqual([false]);
  });
});

test("check_voucher names the key that signed, and none for another round, amount or network", async () => {
  const { chain, escrow, toEscrow } = await fundsWorld();
  const second = oddPair(5n, 0);
  await toEscrow("owner", escrowBody.addKey({ sessionKey: second.publicKey }));
  const voucher = { networkId: chain.networkId, escrow: escrow.address.toRawString(), round: 0, cumulative: coins(1) };
  const signature = signOddly(second, voucherHash(voucher));
  expect(await escrow.getCheckVoucher(coins(1), signature)).toBe(1);
  expect(await escrow.getCheckVoucher(coins(2), signature)).toBeNull();
  for (const change of [{ round: 1 }, { networkId: -239 }]) {
    const foreign = signOddly(second, voucherHash({ ...voucher, ...change }));
    expect(await escrow.getCheckVoucher(coins(1), foreign)).toBeNull();
  }
  for (const amount of [-1n, 2n ** 120n, 2n ** 255n])
    expect(await escrow.getCheckVoucher(amount, signature)).toBeNull();
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 4;
  return copy;
}

/** Judges one signature three times; a voucher that pays is worth one nano unit more than the one before. */
async function judging(pair: OddPair) {
  const { chain, escrow, send } = await unopened();
  await send(escrowBody.setKey({ sessionKey: pair.publicKey, dailyCap: DAILY_CAP }));
  const verdicts: boolean[] = [];
  const judge = async (name: string, sign: (message: Buffer) => Buffer) => {
    const cumulative = BigInt(verdicts.length + 1);
    const voucher = { networkId: chain.networkId, escrow: escrow.address.toRawString(), round: 0, cumulative };
    const signature = sign(voucherHash(voucher));
    const here = await verifyVoucher(voucher, signature, pair.publicKey);
    const asked = await escrow.getCheckVoucher(cumulative, signature);
    const body = beginCell().storeUint(EscrowOp.Redeem, 32).storeUint(0, 66).storeCoins(cumulative);
    const { exitCode } = await send(body.storeBuffer(signature).endCell());
    expect([0, 9, EscrowError.BAD_SIGNATURE], `a signature: ${name}`).toContain(exitCode);
    expect({ name, asked: asked === 0, paid: exitCode === 0 }).toEqual({ name, asked: here, paid: here });
    verdicts.push(here);
  };
  return { judge, verdicts };
}
