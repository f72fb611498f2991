import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { escrowBody } from "@starai/contracts/Escrow";
import { newSessionKey } from "@starai/contracts/session-key";
import { vouchers } from "@starai/server/db/schema";
import { acceptVoucher } from "@starai/server/escrow/accept-voucher";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse } from "../src/testing/escrow-house.ts";

let house: EscrowHouse;

beforeAll(async () => {
  house = await openEscrowHouse();
});
afterEach(() => house.expectRight());
afterAll(() => house[Symbol.asyncDispose]());

const refusedWith = (code: string, words: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(words) as string });

describe("an escrow of one's own", () => {
  test("has an address before anything is there", async () => {
    const ann = await house.keeper("nothing yet", { opened: false });
    const view = await ann.view();
    expect(view).toMatchObject({ address: ann.escrow.address.toRawString(), chain: null, blocked: "unopened" });
    await expect(ann.sign(1n)).rejects.toEqual(refusedWith("conflict", /open it first.*was not taken/));
  });

  test("is opened by its owner, and seen on the chain", async () => {
    const ann = await house.keeper("opens");
    const { chain, blocked } = await ann.view();
    expect(chain).toMatchObject({ keys: [Buffer.from(ann.key.publicKey).toString("hex")], round: 0, settled: "0" });
    expect(BigInt(chain!.available)).toBeGreaterThan(coins(2.9));
    expect(blocked).toBe("sign");
  });

  test("is nobody's without a bound wallet", async () => {
    const stranger = "00000000-0000-4000-8000-000000000000";
    const voucher = { round: 0, cumulative: "1", signature: "0".repeat(128) };
    await expect(acceptVoucher(house.ctx, stranger, voucher)).rejects.toEqual(refusedWith("conflict", /connect/));
  });
});

describe("a voucher", () => {
  test("is money that answers can be paid with, once the chain has judged it", async () => {
    const ann = await house.keeper("signs");
    const view = await ann.sign(coins(0.04));
    expect(view).toMatchObject({ signed: "40000000", served: "0", spendable: "40000000", blocked: null });
  });

  test("has no second effect, and a smaller one has none", async () => {
    const ann = await house.keeper("signs twice");
    const voucher = await ann.voucher(coins(0.04));
    await acceptVoucher(house.ctx, ann.id, voucher);
    const again = await acceptVoucher(house.ctx, ann.id, voucher);
    expect((await ann.sign(coins(0.01))).signed).toBe(again.signed);
    expect(again.signed).toBe("40000000");
  });

  test("of a larger amount replaces it, whichever comes first of many at once", async () => {
    const ann = await house.keeper("races");
    await ann.view();
    const amounts = [0.05, 0.01, 0.03, 0.06, 0.02, 0.04].map(coins);
    await Promise.all(amounts.map((amount) => ann.sign(amount)));
    expect((await ann.view()).signed).toBe("60000000");
    const [best] = (await house.ctx.db.select().from(vouchers)).filter(({ escrow }) => escrow === ann.address);
    expect(best?.cumulative).toBe(coins(0.06));
  });

  test("can be signed by a second device", async () => {
    const ann = await house.keeper("two devices");
    await ann.sign(coins(0.01));
    const phone = await newSessionKey();
    await expect(ann.sign(coins(0.02), { signer: phone })).rejects.toEqual(refusedWith("invalid_request", /No key/));
    await ann.send(escrowBody.addKey({ sessionKey: phone.publicKey }));
    expect((await ann.sign(coins(0.02), { signer: phone })).signed).toBe("20000000");
  });

  test.each([
    ["of another round", { round: 1 }, "conflict", /round 1.*round 0/],
    ["of another network", { networkId: -239 }, "invalid_request", /No key/],
    ["of another escrow", { escrow: `0:${"7".repeat(64)}` }, "invalid_request", /No key/],
  ] as const)("%s is not taken", async (name, changed, code, words) => {
    const ann = await house.keeper(name);
    await expect(ann.sign(coins(0.01), changed)).rejects.toEqual(refusedWith(code, words));
    expect((await ann.view()).signed).toBe("0");
  });

  test("whose bytes are not its signature is not taken", async () => {
    const ann = await house.keeper("forged");
    const voucher = await ann.voucher(coins(0.01));
    for (const bad of [{ cumulative: "10000001" }, { signature: "0".repeat(128) }])
      await expect(acceptVoucher(house.ctx, ann.id, { ...voucher, ...bad })).rejects.toEqual(
        refusedWith("invalid_request", /No key.*nothing was charged/),
      );
  });

  test("of more than may be signed ahead is not taken", async () => {
    const ann = await house.keeper("too much");
    await expect(ann.sign(coins(0.1) + 1n)).rejects.toEqual(refusedWith("invalid_request", /at most 100000000/));
    expect((await ann.sign(coins(0.1))).signed).toBe("100000000");
  });

  test("beyond the cap's rest is taken, and spent as far as the chain would pay it", async () => {
    const ann = await house.keeper("small cap", { dailyCap: coins(0.03) });
    expect(await ann.sign(coins(0.05))).toMatchObject({ signed: "50000000", spendable: "30000000" });
  });

  test("after a close was requested is not taken, and after it was cancelled it is", async () => {
    const ann = await house.keeper("closes");
    await ann.sign(coins(0.01));
    await ann.send(escrowBody.requestClose());
    expect((await ann.view()).blocked).toBe("closing");
    await expect(ann.sign(coins(0.02))).rejects.toEqual(refusedWith("conflict", /close.*cancel the close/));
    await ann.send(escrowBody.cancelClose());
    await ann.view();
    expect((await ann.sign(coins(0.02))).signed).toBe("20000000");
  });
});
