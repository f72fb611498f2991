/** Endpoints that are away, lag or lie, and clocks that differ. */
import { TonClient } from "@ton/ton";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EscrowState } from "@starai/contracts/Escrow";
import { escrowBody } from "@starai/contracts/Escrow";
import type { Chain } from "@starai/server/chain/chain";
import { acceptVoucher } from "@starai/server/escrow/accept-voucher";
import { escrowOf } from "@starai/server/escrow/escrow-view";
import { lookAtEscrows } from "@starai/server/escrow/look-at-escrows";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse } from "../src/testing/escrow-house.ts";

let house: EscrowHouse;
const never = new AbortController().signal;

beforeAll(async () => {
  house = await openEscrowHouse();
});
afterEach(async () => {
  house.ctx.ton.open(house.chain);
  await house.expectRight();
});
afterAll(() => house[Symbol.asyncDispose]());

const away: Partial<Chain> = {
  get client() {
    return new TonClient({ endpoint: "http://nowhere", httpAdapter: () => Promise.reject(new Error("429")) });
  },
};

/** An endpoint that says this of every escrow. */
function saying(says: Partial<{ state: EscrowState; spendable: bigint; check: number | null }>): Partial<Chain> {
  const { client } = house.chain;
  const open = (contract: never) => {
    const honest = client.open(contract) as unknown as { getState: unknown; getSpendable: unknown };
    return {
      getState: says.state === undefined ? honest.getState : async () => says.state,
      getSpendable: says.spendable === undefined ? honest.getSpendable : async () => says.spendable,
      getCheckVoucher: async () => says.check ?? null,
    };
  };
  return { client: Object.assign(Object.create(client) as TonClient, { open }) };
}

/** An endpoint whose last block is of this time. */
function at(seconds: number): Partial<Chain> {
  const { client } = house.chain;
  const getContractState: TonClient["getContractState"] = async (address) => ({
    ...(await client.getContractState(address)),
    timestampt: seconds,
  });
  return { client: Object.assign(Object.create(client) as TonClient, { getContractState }) };
}

test("while the chain does not answer nothing is taken, and the words say so", async () => {
  const ann = await house.keeper("no answer");
  house.ctx.ton.open({ ...house.chain, ...away });
  await expect(ann.sign(coins(0.02))).rejects.toMatchObject({
    code: "interrupted",
    message: expect.stringMatching(/does not answer.*Nothing was signed, charged or changed/) as string,
  });
  await expect(escrowOf(house.ctx, ann.id)).rejects.toMatchObject({ code: "interrupted" });
});

test("what was signed before goes on to be paid from while the chain does not answer", async () => {
  const ann = await house.keeper("goes on");
  await ann.sign(coins(0.02));
  house.ctx.ton.open({ ...house.chain, ...away });
  await ann.answer(coins(0.01));
  expect((await ann.sign(coins(0.03))).signed).toBe("30000000");
  await expect(lookAtEscrows(house.ctx, house.ctx.ton.get(), never)).rejects.toThrow(/does not answer/);
});

test("an endpoint that is behind what was seen before changes nothing", async () => {
  const ann = await house.keeper("behind");
  await ann.sign(coins(0.05));
  await ann.answer(coins(0.03));
  const old = await ann.escrow.getState();
  const { signature } = await ann.voucher(coins(0.05));
  await ann.send(escrowBody.redeem({ keyIndex: 0, cumulative: coins(0.05), signature: Buffer.from(signature, "hex") }));
  const seen = await ann.view();
  house.ctx.ton.open({ ...house.chain, ...saying({ state: old }) });
  expect((await ann.view()).chain!.settled).toBe("50000000");
  expect((await ann.view()).spendable).toBe(seen.spendable);
});

test("an endpoint that says yes to a forged voucher is not believed, nor one that says no to a true one", async () => {
  const ann = await house.keeper("lies");
  const forged = { ...(await ann.voucher(coins(0.02))), cumulative: "90000000" };
  house.ctx.ton.open({ ...house.chain, ...saying({ check: 0 }) });
  await expect(acceptVoucher(house.ctx, ann.id, forged)).rejects.toMatchObject({ code: "invalid_request" });
  house.ctx.ton.open({ ...house.chain, ...saying({ check: null }) });
  await expect(ann.sign(coins(0.02))).rejects.toThrow(/chain does not accept this voucher.*was not taken/);
});

test("amounts that no coin has are kept within what there is", async () => {
  const ann = await house.keeper("overflow", { dailyCap: 2n ** 119n });
  expect((await ann.view()).chain!.dailyCap).toBe("4000000000000000000");
  expect((await ann.sign(coins(0.02))).spendable).toBe("20000000");
  await expect(ann.sign(10n ** 19n - 1n)).rejects.toThrow(/at most 100000000/);
});

test("a close is judged by the chain's clock, however wrong ours is", async () => {
  const ann = await house.keeper("clocks");
  await ann.sign(coins(0.02));
  await ann.send(escrowBody.requestClose());
  await house.advance(1);
  const ctx = { ...house.ctx, clock: () => Date.now() + 5 * 86_400_000 };
  expect((await escrowOf(ctx, ann.id)).blocked).toBe("closing");
});

test("and not by our idea of the time, which decides nothing about it", async () => {
  const ann = await house.keeper("our time");
  await ann.sign(coins(0.02));
  await ann.send(escrowBody.requestClose());
  const { nowS } = house.chain;
  house.ctx.ton.open({ ...house.chain, nowS: () => nowS() + 5 * 86_400 });
  const view = await ann.view();
  expect(view.blocked).toBe("closing");
  expect(view.nowS).toBeLessThan(nowS() + 60);
});

test("an endpoint that has stopped at a block, and one whose block is of the future, show nothing", async () => {
  const ann = await house.keeper("stopped");
  await ann.sign(coins(0.05));
  const atS = house.chain.nowS();
  house.ctx.ton.open({ ...house.chain, ...at(atS) });
  await ann.view();
  const late = { ...house.ctx, clock: () => Date.now() + 6 * 60_000 };
  expect((await escrowOf(late, ann.id)).blocked).toBe("stale");
  house.ctx.ton.open({ ...house.chain, ...at(atS + 3_600) });
  await expect(ann.view()).rejects.toMatchObject({ code: "interrupted" });
  house.ctx.ton.open({ ...house.chain, ...at(atS + 1) });
  expect((await escrowOf(late, ann.id)).blocked).toBeNull();
});

test("a payment that was read before the first look, which came too early for it, counts as paid", async () => {
  const ann = await house.keeper("missed");
  const before = await ann.escrow.getState();
  const { signature } = await ann.voucher(coins(0.03));
  await ann.send(escrowBody.redeem({ keyIndex: 0, cumulative: coins(0.03), signature: Buffer.from(signature, "hex") }));
  await house.read();
  house.ctx.ton.open({ ...house.chain, ...saying({ state: before }) });
  expect((await ann.view()).chain!.settled).toBe("0");
  house.ctx.ton.open(house.chain);
  await ann.sign(coins(0.09));
  await ann.answer(coins(0.05));
  const all = await ann.voucher(coins(0.09));
  await ann.send(
    escrowBody.redeem({ keyIndex: 0, cumulative: coins(0.09), signature: Buffer.from(all.signature, "hex") }),
  );
  await house.read();
  expect(await ann.view()).toMatchObject({ signed: "90000000", served: "50000000", spendable: "40000000" });
  expect((await house.balances())[`receivable escrow:${ann.address.slice(2)}`]).toBeUndefined();
});
