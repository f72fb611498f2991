/** A person has several devices, loses one, and spends no more a day than they decided. */
import { keyPairFromSeed } from "@ton/crypto";
import { describe, expect, test } from "vitest";
import { escrowBody, isServable } from "../wrappers/Escrow.ts";
import { EscrowError, EscrowTerms } from "../wrappers/escrow-codes.ts";
import { coins, DAILY_CAP, fundsWorld, sessionKeys, thiefKeys } from "./test-funds.ts";
import { signVoucherByCore } from "./test-voucher.ts";

const DAY = EscrowTerms.CAP_PERIOD;
/** Three more devices of the owner. */
const devices = [11, 12, 13].map((seed) => keyPairFromSeed(Buffer.alloc(32, seed)));
const [tablet, laptop] = devices as [(typeof devices)[0], (typeof devices)[0]];
const addKey = (key: { publicKey: Buffer }) => escrowBody.addKey({ sessionKey: key.publicKey });

async function world() {
  const funds = await fundsWorld();
  const { chain, escrow, toEscrow } = funds;
  const here = { networkId: chain.networkId, escrow: escrow.address.toRawString() };
  const redeemBy = (keyIndex: number, { secretKey }: { secretKey: Buffer }, cumulative: bigint, round = 0) => {
    const signature = signVoucherByCore({ ...here, round, cumulative }, secretKey);
    return toEscrow("stranger", escrowBody.redeem({ keyIndex, cumulative, signature }));
  };
  const ripen = async () => {
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
  };
  /** Replaces the keys and the cap in a ripe close. */
  const setAgain = async (dailyCap: bigint, key = sessionKeys) => {
    await ripen();
    return toEscrow("owner", escrowBody.setKey({ sessionKey: key.publicKey, dailyCap }));
  };
  return { ...funds, redeemBy, ripen, setAgain };
}

describe("session keys", () => {
  test("are up to four, added at once; each pays by its index, out of one cumulative amount", async () => {
    const { escrow, toEscrow, redeemBy } = await world();
    for (const device of devices) expect((await toEscrow("owner", addKey(device))).exitCode).toBe(0);
    const keys = [sessionKeys, ...devices];
    expect((await escrow.getState()).keys).toEqual(keys.map(({ publicKey }) => publicKey));
    for (const [index, key] of keys.entries()) expect((await redeemBy(index, key, coins(index + 1))).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(4));
    expect((await redeemBy(1, tablet, coins(3))).exitCode).toBe(EscrowError.NOTHING_NEW);
  });

  test("are not five, nor one twice, nor any before the first", async () => {
    const { parties, escrowFor, toEscrow, send } = await world();
    expect((await toEscrow("owner", addKey(sessionKeys))).exitCode).toBe(EscrowError.KEY_IN_USE);
    for (const device of devices) await toEscrow("owner", addKey(device));
    expect((await toEscrow("owner", addKey(thiefKeys))).exitCode).toBe(EscrowError.KEYS_FULL);
    expect((await toEscrow("owner", addKey(laptop))).exitCode).toBe(EscrowError.KEY_IN_USE);
    const closed = escrowFor("stranger");
    await closed.sendTopUp(parties.owner.getSender(), { value: coins(1) });
    for (const body of [addKey(tablet), escrowBody.raiseCap({ dailyCap: 1n })]) {
      const { exitCode } = await send({ from: "stranger", to: closed.address, body, value: coins(0.05) });
      expect(exitCode).toBe(EscrowError.NOT_OPENED);
    }
  });

  test("pay only by their own index: another key's or one that is not set is refused", async () => {
    const { toEscrow, redeemBy } = await world();
    await toEscrow("owner", addKey(tablet));
    expect((await redeemBy(0, tablet, coins(1))).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    expect((await redeemBy(2, tablet, coins(1))).exitCode).toBe(EscrowError.NO_SUCH_KEY);
    expect((await redeemBy(1, tablet, coins(1))).exitCode).toBe(0);
  });

  test("when one device is lost, the next is added at once, and the escrow is served all the while", async () => {
    const { chain, escrow, toEscrow, redeemBy } = await world();
    expect((await toEscrow("owner", addKey(tablet))).exitCode).toBe(0);
    expect(isServable(await escrow.getState(), chain.time)).toBe(true);
    expect((await redeemBy(1, tablet, coins(1))).exitCode).toBe(0);
  });

  test("are removed only in a ripe close: then one is left, the others and their vouchers are void", async () => {
    const { escrow, toEscrow, redeemBy, setAgain } = await world();
    for (const device of devices) await toEscrow("owner", addKey(device));
    const early = escrowBody.setKey({ sessionKey: tablet.publicKey, dailyCap: DAILY_CAP });
    expect((await toEscrow("owner", early)).exitCode).toBe(EscrowError.NOT_CLOSING);
    expect((await setAgain(DAILY_CAP, tablet)).exitCode).toBe(0);
    expect((await escrow.getState()).keys).toEqual([tablet.publicKey]);
    expect((await redeemBy(0, sessionKeys, coins(1), 1)).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    expect((await redeemBy(1, tablet, coins(1), 1)).exitCode).toBe(EscrowError.NO_SUCH_KEY);
    expect((await redeemBy(0, tablet, coins(1), 0)).exitCode).toBe(EscrowError.BAD_SIGNATURE);
    expect((await redeemBy(0, tablet, coins(1), 1)).exitCode).toBe(0);
  });
});

describe("the daily cap", () => {
  test("holds against a page that signs everything away: the cap is paid and no more, also in the owner's close", async () => {
    const { chain, escrow, parties, toEscrow, redeemBy, setAgain } = await world();
    await setAgain(coins(1));
    expect((await redeemBy(0, sessionKeys, coins(1000), 1)).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(1));
    expect((await redeemBy(0, sessionKeys, coins(1000), 1)).exitCode).toBe(EscrowError.CAP_USED_UP);
    await toEscrow("owner", escrowBody.requestClose());
    chain.advance(EscrowTerms.CLOSE_DELAY);
    await redeemBy(0, sessionKeys, coins(1000), 1);
    const left = await escrow.getSpendable();
    expect(left).toBeGreaterThan(coins(7.9));
    const books = await chain.openBooks();
    expect((await toEscrow("owner", escrowBody.withdraw())).exitCode).toBe(0);
    expect(await books.change(parties.owner.address)).toBeGreaterThan(left - coins(0.01));
    books.close();
  });

  test("runs off evenly over a day, and the same voucher draws the rest as it does", async () => {
    const { chain, escrow, redeemBy, setAgain } = await world();
    await setAgain(coins(2));
    await redeemBy(0, sessionKeys, coins(5), 1);
    chain.advance(DAY / 4);
    expect((await escrow.getState()).capLeft).toBe(coins(0.5));
    expect((await redeemBy(0, sessionKeys, coins(5), 1)).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(2.5));
    chain.advance(30 * DAY);
    expect((await escrow.getState()).capLeft).toBe(coins(2));
    expect((await redeemBy(0, sessionKeys, coins(5), 1)).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(4.5));
  });

  test("rises at once by what it rises; it does not fall, nor rise by its own amount", async () => {
    const { chain, escrow, toEscrow, redeemBy, setAgain } = await world();
    await setAgain(coins(1));
    await redeemBy(0, sessionKeys, coins(9), 1);
    expect((await toEscrow("owner", escrowBody.raiseCap({ dailyCap: coins(3) }))).exitCode).toBe(0);
    expect(await escrow.getState()).toMatchObject({ dailyCap: coins(3), capLeft: coins(2) });
    for (const dailyCap of [coins(3), coins(2), 0n])
      expect((await toEscrow("owner", escrowBody.raiseCap({ dailyCap }))).exitCode).toBe(EscrowError.CAP_LOWER);
    // What was drawn has run off at the pace of the cap in force, not of the one to come.
    await redeemBy(0, sessionKeys, coins(9), 1);
    chain.advance(DAY / 3);
    await toEscrow("owner", escrowBody.raiseCap({ dailyCap: coins(30) }));
    expect((await escrow.getState()).capLeft).toBe(coins(28));
  });

  test("set anew in a ripe close counts what was drawn before: two caps are not drawn in one day", async () => {
    const { chain, escrow, toEscrow, redeemBy, setAgain, ripen } = await world();
    await setAgain(coins(2));
    await ripen();
    await redeemBy(0, sessionKeys, coins(9), 1);
    await toEscrow("owner", escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: coins(3) }));
    expect(await escrow.getState()).toMatchObject({ dailyCap: coins(3), capLeft: coins(1) });
    await ripen();
    await redeemBy(0, sessionKeys, coins(9), 2);
    await toEscrow("owner", escrowBody.setKey({ sessionKey: sessionKeys.publicKey, dailyCap: coins(1) }));
    expect(await escrow.getState()).toMatchObject({ dailyCap: coins(1), capLeft: 0n });
    // What was drawn above the lower cap runs off at the lower pace.
    chain.advance(2 * DAY);
    expect((await escrow.getState()).capLeft).toBe(0n);
    chain.advance(DAY / 2);
    expect((await escrow.getState()).capLeft).toBe(coins(0.5));
  });

  test("may be nothing, and then no voucher pays; or the largest amount there is, and then it never binds", async () => {
    const { chain, escrow, redeemBy, setAgain } = await world();
    await setAgain(0n);
    expect((await redeemBy(0, sessionKeys, coins(1), 1)).exitCode).toBe(EscrowError.CAP_USED_UP);
    const endless = 2n ** 120n - 1n;
    await setAgain(endless);
    expect((await redeemBy(0, sessionKeys, coins(4), 2)).exitCode).toBe(0);
    expect((await escrow.getState()).capLeft).toBe(endless - coins(4));
    chain.advance(400 * DAY);
    expect((await redeemBy(0, sessionKeys, coins(9), 2)).exitCode).toBe(0);
    expect((await escrow.getState()).settled).toBe(coins(9));
  });
});
