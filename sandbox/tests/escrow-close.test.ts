import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { escrowBody } from "@starai/contracts/Escrow";
import type { ConsentView } from "@starai/protocol/escrow";
import { historyPage } from "@starai/server/account/history";
import { closeBillAlone } from "@starai/server/billing/close-bill";
import { giveConsent } from "@starai/server/escrow/give-consent";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse, Keeper } from "../src/testing/escrow-house.ts";

const DAY_S = 86_400;
let house: EscrowHouse;

beforeAll(async () => {
  house = await openEscrowHouse();
  await house.fillHotWallet();
});
afterEach(() => house.expectRight());
afterAll(() => house[Symbol.asyncDispose]());

const account = async (kind: string, owner: string) => (await house.balances())[`${kind} ${owner}`] ?? 0n;
const ofEscrow = (kind: string, { address }: Keeper) => account(kind, `escrow:${address.slice(2)}`);
const prepaid = ({ id }: Keeper) => account("person", `person:${id}`);

async function lostInAll(): Promise<bigint> {
  const { rows } = await house.ctx.pg.query<{ sum: string }>(
    "select coalesce(sum(amount), 0) as sum from ledger_postings where kind = 'escrow_loss'",
  );
  return BigInt(rows[0]!.sum);
}

/** What the house lost since the call. */
async function losses(): Promise<() => Promise<bigint>> {
  const before = await lostInAll();
  return async () => (await lostInAll()) - before;
}

function closing({ cumulative, validUntil, signature }: ConsentView) {
  return escrowBody.closeTogether({
    cumulative: BigInt(cumulative),
    validUntil,
    signature: Buffer.from(signature, "hex"),
  });
}

async function withdraw(ann: Keeper): Promise<void> {
  await ann.send(escrowBody.requestClose());
  await house.advance(DAY_S + 60);
  await ann.send(escrowBody.withdraw());
}

describe("a close together", () => {
  test("pays the till what was served, at once, and the owner the rest", async () => {
    const ann = await house.keeper("together");
    await ann.sign(coins(0.05));
    await ann.answer(coins(0.02));
    const lost = await losses();
    const consent = await giveConsent(house.ctx, ann.id);
    expect(consent).toMatchObject({ round: 0, cumulative: "20000000" });
    await ann.send(closing(consent));
    expect(await ann.escrow.getState()).toMatchObject({ settled: coins(0.02), round: 1 });
    await house.read();
    await house.watch();
    expect([await ofEscrow("receivable", ann), await ofEscrow("escrow", ann)]).toEqual([0n, 0n]);
    expect(await lost()).toBe(0n);
  });

  test("is agreed to: nothing is served or signed for until the consent's date has passed, and then it goes on", async () => {
    const ann = await house.keeper("agreed");
    await ann.sign(coins(0.05));
    await ann.answer(coins(0.02));
    const consent = await giveConsent(house.ctx, ann.id);
    expect(await giveConsent(house.ctx, ann.id)).toEqual(consent);
    expect((await ann.view()).blocked).toBe("consented");
    await expect(ann.ask()).rejects.toThrow(/We agreed to close your escrow/);
    await expect(ann.sign(coins(0.06))).rejects.toMatchObject({ code: "conflict" });
    await house.advance(3_700);
    // Its date has passed, and clocks may differ by ten minutes.
    expect((await ann.view()).blocked).toBe("consented");
    await house.advance(600);
    expect((await ann.view()).blocked).toBeNull();
    await ann.sign(coins(0.06));
    await ann.answer(coins(0.01));
    await ann.send(closing(consent));
    expect((await ann.escrow.getState()).round).toBe(0);
    const later = await giveConsent(house.ctx, ann.id);
    expect(later.validUntil).toBeGreaterThan(consent.validUntil);
    expect(later.cumulative).toBe("30000000");
    await expect(ann.ask()).rejects.toThrow(/We agreed to close your escrow/);
  });

  test("is not agreed to while an answer is under way, nor for an escrow that is not open", async () => {
    const ann = await house.keeper("under way");
    await ann.sign(coins(0.05));
    const bill = await ann.ask();
    await expect(giveConsent(house.ctx, ann.id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/under way.*Nothing was agreed/) as string,
    });
    await closeBillAlone(house.ctx, { bill: bill.id, end: "failed" });
    expect(await giveConsent(house.ctx, ann.id)).toMatchObject({ cumulative: "0" });
    const bob = await house.keeper("not open", { opened: false });
    await expect(giveConsent(house.ctx, bob.id)).rejects.toMatchObject({ code: "conflict" });
  });

  test("leaves what was redeemed and not served to the person, as prepaid coins", async () => {
    const ann = await house.keeper("over");
    await ann.sign(coins(0.1));
    await ann.answer(coins(0.06));
    await house.watch();
    await house.payOut();
    await ann.send(closing(await giveConsent(house.ctx, ann.id)));
    await house.read();
    await house.watch();
    expect(await ofEscrow("escrow", ann)).toBe(0n);
    expect(await prepaid(ann)).toBe(coins(0.04));
    const { entries } = await historyPage(house.ctx, { id: ann.id }, null);
    expect(entries).toMatchObject([
      { kind: "custody_rest", paidWith: "coin", amount: "40000000" },
      { kind: "answer", paidWith: "self_custody", amount: "-60000000" },
    ]);
  });
});

describe("a withdrawal", () => {
  test("after the redemption loses nobody anything", async () => {
    const ann = await house.keeper("withdraws");
    await ann.sign(coins(0.03));
    await ann.answer(coins(0.02));
    const lost = await losses();
    await ann.send(escrowBody.requestClose());
    await house.watch();
    await house.payOut();
    await house.advance(DAY_S + 60);
    await ann.send(escrowBody.withdraw());
    await house.watch();
    expect([await ofEscrow("receivable", ann), await ofEscrow("escrow", ann)]).toEqual([0n, 0n]);
    expect(await lost()).toBe(0n);
    expect(await prepaid(ann)).toBe(coins(0.01));
  });

  test("before what was served is redeemed is the house's loss, and no hole in the sums", async () => {
    const ann = await house.keeper("down");
    await ann.sign(coins(0.05));
    await ann.answer(coins(0.03));
    const lost = await losses();
    await withdraw(ann);
    await house.watch();
    expect([await ofEscrow("receivable", ann), await ofEscrow("escrow", ann)]).toEqual([0n, 0n]);
    expect(await lost()).toBe(coins(0.03));
    expect(await prepaid(ann)).toBe(0n);
  });

  test("is not counted before the payment that the chain shows is in the books", async () => {
    const ann = await house.keeper("late");
    await ann.sign(coins(0.03));
    await ann.answer(coins(0.03));
    const lost = await losses();
    const { signature } = await ann.voucher(coins(0.03));
    await ann.send(
      escrowBody.redeem({ keyIndex: 0, cumulative: coins(0.03), signature: Buffer.from(signature, "hex") }),
    );
    await withdraw(ann);
    await house.watch();
    expect(await ofEscrow("receivable", ann)).toBe(-coins(0.03));
    expect((await ann.view()).blocked).toBe("counting");
    await house.read();
    await house.watch();
    expect(await ofEscrow("receivable", ann)).toBe(0n);
    expect(await lost()).toBe(0n);
  });
});

test("a round begins anew with a new key: old vouchers are nothing, and new ones pay on", async () => {
  const ann = await house.keeper("new key");
  await ann.sign(coins(0.03));
  await ann.answer(coins(0.02));
  await ann.send(escrowBody.requestClose());
  await house.watch();
  await house.payOut();
  await house.advance(DAY_S + 60);
  await ann.send(escrowBody.setKey({ sessionKey: ann.key.publicKey, dailyCap: coins(1) }));
  await expect(ann.sign(coins(0.05))).rejects.toThrow(/round 0, and your escrow is in round 1/);
  await house.watch();
  await ann.sign(coins(0.05), { round: 1 });
  // First the hundredth that was redeemed and not served, which is prepaid now.
  await ann.answer(coins(0.01));
  await ann.answer(coins(0.02));
  expect(await ann.view()).toMatchObject({ signed: "50000000", served: "50000000" });
});

test("a close that was requested and left to expire is served after again, ten minutes later by the chain's clock", async () => {
  const ann = await house.keeper("expired");
  await ann.sign(coins(0.03));
  await ann.send(escrowBody.requestClose());
  await house.advance(4 * DAY_S + 300);
  expect((await ann.view()).blocked).toBe("closing");
  await house.advance(400);
  expect((await ann.view()).blocked).toBeNull();
});
