import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { beginCell, internal } from "@ton/core";
import { EscrowOp } from "@starai/contracts/escrow-codes";
import { escrowBody } from "@starai/contracts/Escrow";
import { deletePerson } from "@starai/server/threads/delete-person";
import { outgoing, redemptions, vouchers } from "@starai/server/db/schema";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse, Keeper } from "../src/testing/escrow-house.ts";

let house: EscrowHouse;

beforeAll(async () => {
  house = await openEscrowHouse();
  await house.fillHotWallet();
});
afterEach(() => house.expectRight());
afterAll(() => house[Symbol.asyncDispose]());

const redeemed = async (ann: Keeper) =>
  house.ctx.db.select().from(redemptions).where(eq(redemptions.escrow, ann.address));
const account = async (kind: string, owner: string) => (await house.balances())[`${kind} ${owner}`] ?? 0n;
const accountsOf = async ({ address }: Keeper) => ({
  receivable: await account("receivable", `escrow:${address.slice(2)}`),
  escrow: await account("escrow", `escrow:${address.slice(2)}`),
});

const DAY_S = 86_400;

/** Signs for what it asks, and asks. */
async function spend(ann: Keeper, ...amounts: number[]) {
  for (const amount of amounts) {
    const { served } = await ann.view();
    await ann.sign(BigInt(served) + coins(amount));
    await ann.answer(coins(amount));
  }
}

describe("what was served", () => {
  test("is redeemed from a twentieth of a coin on, by the hot wallet, and the books have it", async () => {
    const ann = await house.keeper("redeems");
    await spend(ann, 0.04);
    await house.watch();
    expect(await redeemed(ann)).toEqual([]);
    await spend(ann, 0.02);
    await house.watch();
    await house.watch();
    expect(await redeemed(ann)).toMatchObject([{ cumulative: coins(0.06), state: "open" }]);
    await house.payOut();
    expect((await ann.escrow.getState()).settled).toBe(coins(0.06));
    expect(await redeemed(ann)).toMatchObject([{ state: "paid" }]);
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: 0n });
    await spend(ann, 0.03);
    expect(await ann.view()).toMatchObject({ signed: "90000000", served: "90000000" });
  });

  test("may go on to be paid while a redemption is on its way", async () => {
    const ann = await house.keeper("goes on");
    await spend(ann, 0.05);
    await house.watch();
    await spend(ann, 0.04);
    await house.payOut();
    expect(await accountsOf(ann)).toEqual({ receivable: -coins(0.04), escrow: 0n });
  });

  test("and more that was signed ahead: the rest stays the person's to spend", async () => {
    const ann = await house.keeper("ahead");
    await ann.sign(coins(0.1));
    await ann.answer(coins(0.06));
    await house.watch();
    await house.payOut();
    expect((await ann.escrow.getState()).settled).toBe(coins(0.1));
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: coins(0.04) });
    expect(await ann.view()).toMatchObject({ signed: "100000000", served: "60000000", spendable: "40000000" });
    await ann.answer(coins(0.04));
  });

  test("in a close is redeemed at once, however little it is, and nothing more is served", async () => {
    const ann = await house.keeper("leaves");
    await spend(ann, 0.01);
    await ann.send(escrowBody.requestClose());
    await house.watch();
    await expect(ann.ask()).rejects.toMatchObject({ code: "payment_required" });
    await house.payOut();
    expect((await ann.escrow.getState()).settled).toBe(coins(0.01));
  });

  test("is redeemed, too, when its person deleted their data, and the rest stays in their escrow", async () => {
    const ann = await house.keeper("forgotten");
    await spend(ann, 0.06);
    const owner = { id: ann.id, telegramId: 1 };
    await expect(deletePerson(house.ctx, owner, { givesUp: false })).rejects.toMatchObject({
      param: "escrow",
      message: expect.stringMatching(/is yours by your wallet alone.*0.06 GRAM of it is signed/) as string,
    });
    await deletePerson(house.ctx, owner, { givesUp: true });
    await house.watch();
    await house.payOut();
    expect((await ann.escrow.getState()).settled).toBe(coins(0.06));
    expect(await ann.escrow.getSpendable()).toBeGreaterThan(coins(2.9));
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: 0n });
  });

  test("and partly paid because of the day's cap is redeemed for the rest another day", async () => {
    const ann = await house.keeper("capped", { dailyCap: coins(0.06) });
    await spend(ann, 0.06);
    await house.watch();
    await house.payOut();
    await ann.sign(coins(0.12));
    // The cap runs off second by second.
    expect(Number((await ann.view()).spendable)).toBeLessThan(1e6);
    await house.advance(DAY_S);
    await ann.view();
    await ann.answer(coins(0.055));
    await house.watch();
    await house.payOut();
    expect(await accountsOf(ann)).toMatchObject({ receivable: 0n });
    expect((await redeemed(ann)).map(({ state }) => state)).toEqual(["paid", "paid"]);
  });
});

describe("what is less than a twentieth of a coin and will not be more", () => {
  test("because the balance is used up is redeemed, and not before", async () => {
    const ann = await house.keeper("poor");
    await ann.send(escrowBody.requestClose());
    await house.advance(DAY_S + 60);
    await ann.send(escrowBody.withdraw());
    await ann.send(escrowBody.topUp(), coins(0.035));
    await house.watch();
    const { chain } = await ann.view();
    const available = BigInt(chain!.available);
    expect(available).toBeLessThan(coins(0.035));
    await ann.sign(coins(0.05), { round: 1 });
    await ann.answer(coins(0.02));
    await house.watch();
    expect(await redeemed(ann)).toEqual([]);
    // Paid to the last tenth of a thousandth.
    const rest = available - coins(0.02);
    await ann.answer(rest - (rest % 100_000n));
    await house.watch();
    await house.payOut();
    expect((await redeemed(ann)).map(({ state }) => state)).toEqual(["paid"]);
    expect((await ann.escrow.getState()).settled).toBeGreaterThan(coins(0.03));
  });

  test("under a small cap is redeemed from half of that cap", async () => {
    const ann = await house.keeper("little a day", { dailyCap: coins(0.03) });
    await ann.sign(coins(0.03));
    await ann.answer(coins(0.014));
    await house.watch();
    expect(await redeemed(ann)).toEqual([]);
    await ann.answer(coins(0.002));
    await house.watch();
    await house.payOut();
    expect((await ann.escrow.getState()).settled).toBe(coins(0.03));
    // What the cap gives back in the next minutes is not worth a redemption of its own.
    await ann.sign(coins(0.06));
    await ann.answer(coins(0.014));
    await house.watch();
    expect(await redeemed(ann)).toHaveLength(1);
  });

  test("because nothing was signed for a day is redeemed, and dust never is", async () => {
    const [ann, bob] = [await house.keeper("gone"), await house.keeper("dust")];
    await ann.sign(coins(0.01));
    await ann.answer(coins(0.01));
    await bob.sign(coins(0.01));
    await bob.answer(coins(0.0009));
    await house.watch();
    expect([...(await redeemed(ann)), ...(await redeemed(bob))]).toEqual([]);
    const storedAt = new Date(house.ctx.clock() - DAY_S * 1_000 - 1);
    await house.ctx.db.update(vouchers).set({ storedAt });
    await house.watch();
    await house.payOut();
    expect((await ann.escrow.getState()).settled).toBe(coins(0.01));
    expect(await redeemed(bob)).toEqual([]);
  });
});

describe("a redemption that brings nothing", () => {
  test("is given up, and made again while it is worth it", async () => {
    const ann = await house.keeper("lost");
    await spend(ann, 0.06);
    await house.watch();
    const [first] = await redeemed(ann);
    const sentAt = new Date(house.ctx.clock() - 11 * 60_000);
    await house.ctx.db.update(outgoing).set({ state: "void", sentAt }).where(eq(outgoing.ref, first!.id));
    await house.watch();
    expect((await redeemed(ann)).map(({ state }) => state).sort()).toEqual(["open", "void"]);
    await house.payOut();
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: 0n });
  });

  test("because the hot wallet left it out again and again is given up, too", async () => {
    const ann = await house.keeper("left out");
    await spend(ann, 0.06);
    await house.watch();
    const [first] = await redeemed(ann);
    const createdAt = new Date(house.ctx.clock() - 11 * 60_000);
    await house.ctx.db.update(redemptions).set({ createdAt }).where(eq(redemptions.id, first!.id));
    await house.ctx.db.update(outgoing).set({ leftOut: 5 }).where(eq(outgoing.ref, first!.id));
    await house.watch();
    await house.payOut();
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: 0n });
  });

  test("because somebody else redeemed has no effect: the books have that payment, once", async () => {
    const ann = await house.keeper("second redeemer");
    await spend(ann, 0.06);
    await house.watch();
    const voucher = await ann.voucher(coins(0.06));
    const signature = Buffer.from(voucher.signature, "hex");
    const bob = await house.rich("bob");
    const body = escrowBody.redeem({ keyIndex: 0, cumulative: coins(0.06), signature });
    await house.test.sendFrom(bob, internal({ to: ann.escrow.address, value: coins(0.1), body, bounce: true }));
    await house.payOut();
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: 0n });
    await house.watch();
    expect(await redeemed(ann)).toHaveLength(1);
  });
});

describe("the till", () => {
  test("takes a stranger's money that claims to be a voucher's for its own, and nobody's debt is less", async () => {
    const ann = await house.keeper("claimed");
    await spend(ann, 0.02);
    const bob = await house.rich("bob");
    const body = beginCell()
      .storeUint(EscrowOp.VoucherPaid, 32)
      .storeUint(0, 64)
      .storeCoins(coins(0.02))
      .storeAddress(ann.wallet.wallet.address)
      .endCell();
    await house.pay(bob, { to: house.chain.till, value: coins(1), body });
    await house.read();
    expect(await accountsOf(ann)).toEqual({ receivable: -coins(0.02), escrow: 0n });
  });

  test("counts what a voucher brought that only its redeemer has as the person's", async () => {
    const ann = await house.keeper("unknown voucher");
    await spend(ann, 0.02);
    const voucher = await ann.voucher(coins(0.05));
    const body = escrowBody.redeem({
      keyIndex: 0,
      cumulative: coins(0.05),
      signature: Buffer.from(voucher.signature, "hex"),
    });
    await ann.send(body);
    await house.read();
    expect(await accountsOf(ann)).toEqual({ receivable: 0n, escrow: coins(0.03) });
    expect(await ann.view()).toMatchObject({ signed: "50000000", served: "20000000", spendable: "30000000" });
  });
});
