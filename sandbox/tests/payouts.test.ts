/** Withdrawals on the embedded chain: each is paid once, comes back where its wallet refuses it, or waits in order. */
import { randomUUID } from "node:crypto";
import { beginCell, Cell, internal, toNano } from "@ton/core";
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { ContributorAccount, stakeBody } from "@starai/contracts/ContributorAccount";
import { outgoing } from "@starai/server/db/schema";
import { cancelPayout } from "@starai/server/payouts/cancel-payout";
import { watchPayouts } from "@starai/server/payouts/hot/watch-payouts";
import { requestPayout } from "@starai/server/payouts/request-payout";
import { bindWallet } from "@starai/server/wallets/bind-wallet";
import { makeNonce } from "@starai/server/wallets/nonces";
import { watchChain } from "@starai/server/watch-chain";
import { signedProof } from "../../contracts/tests/test-ton-proof.ts";
import { personOf } from "../src/testing/chain.ts";
import { openPayoutHouse } from "../src/testing/payout-house.ts";
import type { PayoutHouse } from "../src/testing/payout-house.ts";

const COIN = 10n ** 9n;
const FEE = 10_000_000n;
let house: PayoutHouse;
let names = 0;

beforeAll(async () => {
  house = await openPayoutHouse();
  await house.look();
});
afterEach(() => house.expectRight());
afterAll(() => house[Symbol.asyncDispose]());

/** Of somebody whom no other test knows. */
const newWallet = () => personOf(`person ${names++}`).wallet.address;
const gotBy = (wallet: Address) => house.chain.client.getBalance(wallet);
const states = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await house.payout(id)).state));
/** A network that takes every message and delivers none. */
const deaf = () => ({ ...house.chain, client: house.clientThat({ sendFile: async () => undefined }) });

/** The hot wallet shall send this, which is no withdrawal. */
async function queueOwn(
  kind: "redeem" | "pay_hot",
  { to, value, leftOut = 0 }: { to: Address; value: bigint; leftOut?: number },
) {
  const message = { id: randomUUID(), kind, destination: to.toRawString(), value, bounce: false, leftOut };
  const body = beginCell().storeUint(names++, 64).endCell().toBoc();
  await house.ctx.db.insert(outgoing).values({ ...message, ref: randomUUID(), body, state: "queued" });
}

async function newPerson(coins = 10n) {
  const wallet = newWallet();
  return { wallet, id: await house.person(wallet, coins * COIN) };
}

const told = async (event: string) =>
  (await house.ctx.pg.query<{ params: unknown }>("select params from notices where event = $1", [event])).rows.map(
    ({ params }) => params,
  );

test("a withdrawal arrives whole, its fee is the house's, and the person is told with the transaction", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, 3n * COIN);
  await house.payAll();
  const payout = await house.payout(id);
  expect(payout).toMatchObject({ state: "paid", amount: 3n * COIN });
  expect(await gotBy(ann.wallet)).toBe(3n * COIN);
  const balances = await house.balances();
  expect(balances[`person person:${ann.id}`]).toBe(7n * COIN - FEE);
  expect(balances[`in_flight payout:${id}`]).toBeUndefined();
  expect(await told(`payout ${id} paid`)).toMatchObject([{ kind: "payout_paid", transaction: payout.transaction }]);
});

test("a withdrawal whose id was written in capital letters is paid, and the books go on", async () => {
  const ann = await newPerson();
  const id = randomUUID();
  await requestPayout(house.ctx, { person: ann.id, id: id.toUpperCase(), amount: COIN });
  await house.payAll();
  expect(await states(id)).toEqual(["paid"]);
  expect(await gotBy(ann.wallet)).toBe(COIN);
});

test("forty withdrawals are two batches, in the order in which they became ready", async () => {
  const people = await Promise.all(Array.from({ length: 40 }, () => newPerson(1n)));
  const ids: string[] = [];
  for (const { id } of people) ids.push(await house.ask(id, COIN / 5n));
  await house.payAll();
  for (const { wallet } of people) expect(await gotBy(wallet)).toBe(COIN / 5n);
  const paidIn = await Promise.all(ids.map(async (id) => (await house.payout(id)).transaction));
  expect(new Set(paidIn).size).toBe(2);
  expect(new Set(paidIn.slice(0, 32)).size).toBe(1);
});

test("what was cancelled before it was signed is not sent, and what is signed cannot be cancelled", async () => {
  const ann = await newPerson();
  await cancelPayout(house.ctx, { person: ann.id, id: await house.ask(ann.id, COIN) });
  expect(await house.step()).toBe("idle");
  const sent = await house.ask(ann.id, 2n * COIN);
  await house.step();
  await expect(cancelPayout(house.ctx, { person: ann.id, id: sent })).rejects.toThrow("may be on the chain");
  await house.payAll();
  expect(await gotBy(ann.wallet)).toBe(2n * COIN);
  expect((await house.balances())[`person person:${ann.id}`]).toBe(8n * COIN - FEE);
});

test("a wallet that refuses the money sends it back to the person's balance, once", async () => {
  const owner = await house.rich("owner");
  const { distributor } = house.deployment;
  const account = new ContributorAccount({ owner: owner.wallet.address, distributor });
  const stake = { to: account.address, value: toNano("10.1"), bounce: true, body: stakeBody(toNano(10)) };
  await house.test.sendFrom(owner, internal({ ...stake, init: account.init }));
  const ann = await house.person(account.address, 10n * COIN);
  const before = await gotBy(account.address);
  const id = await house.ask(ann, 3n * COIN);
  await house.payAll();
  expect(await states(id)).toEqual(["returned"]);
  // Its storage costs a few nano units meanwhile.
  expect(await gotBy(account.address)).toBeLessThanOrEqual(before);
  const back = (await house.balances())[`person person:${ann}`]! - (7n * COIN - FEE);
  // The chain keeps what carrying it there and back cost.
  expect(back).toBeGreaterThan(3n * COIN - COIN / 100n);
  expect(back).toBeLessThan(3n * COIN);
  expect(await told(`payout ${id} returned`)).toEqual([{ kind: "payout_returned", amount: String(back) }]);
});

test("a stranger's message that looks like a payout that came back pays nobody", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  await house.payAll();
  const { rows } = await house.ctx.pg.query<{ body: Buffer }>("select body from outgoing where ref = $1", [id]);
  const body = beginCell().storeUint(0xffffffff, 32).storeSlice(Cell.fromBoc(rows[0]!.body)[0]!.beginParse()).endCell();
  const before = (await house.balances())[`person person:${ann.id}`];
  await house.pay(await house.rich("stranger"), { to: house.roles.operator.wallet.address, value: COIN, body });
  await house.look();
  expect(await states(id)).toEqual(["paid"]);
  expect((await house.balances())[`person person:${ann.id}`]).toBe(before);
});

test("a batch that the network lost is signed again once its time is over, and not before", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  await house.step({ chain: deaf() });
  house.test.opened.clock.advance(100_000);
  expect(await house.step({ chain: deaf() })).toBe("idle");
  expect(await states(id)).toEqual(["sent"]);
  house.test.opened.clock.advance(200_000);
  expect(await house.step()).toBe("done");
  expect(await states(id)).toEqual(["queued"]);
  await house.payAll();
  expect(await gotBy(ann.wallet)).toBe(COIN);
});

test("an endpoint that calls a number used while the batch can still run has nobody paid twice", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  await house.step({ chain: deaf() });
  const client = house.clientThat({ seqnoAhead: 1 });
  expect(await house.step({ chain: { ...house.chain, client } })).toBe("idle");
  expect(await states(id)).toEqual(["sent"]);
  await house.payAll();
  expect(await gotBy(ann.wallet)).toBe(COIN);
});

test("a number that was used elsewhere makes the batch void, and its payouts are sent under the next one", async () => {
  const [ann, bob] = [await newPerson(), newWallet()];
  await house.ask(ann.id, COIN);
  await house.step({ chain: deaf() });
  await house.pay(house.roles.operator, { to: bob, value: COIN });
  // The books have not read what the wallet did: nobody knows yet whether it was this batch.
  expect(await house.step({ chain: deaf() })).toBe("idle");
  await house.look();
  // Its signature is still valid, and the endpoint may lie about the number.
  expect(await house.step()).toBe("idle");
  house.test.opened.clock.advance(300_000);
  expect(await house.step()).toBe("done");
  await house.payAll();
  expect([await gotBy(ann.wallet), await gotBy(bob)]).toEqual([COIN, COIN]);
});

test("a payout that a restored database does not know to be sent is found on the chain, and not paid again", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  await house.step();
  const { pg } = house.ctx;
  await pg.query("delete from outgoing_batches where state = 'signed'");
  await pg.query("delete from outgoing where ref = $1", [id]);
  await pg.query("update payouts set state = 'queued' where id = $1", [id]);
  await house.payAll();
  expect(await states(id)).toEqual(["paid"]);
  expect(await gotBy(ann.wallet)).toBe(COIN);
});

test("two processes on one database sign one batch", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  const count = async () => (await house.ctx.pg.query("select from outgoing_batches")).rows.length;
  const before = await count();
  await using other = await house.sameBooks();
  await Promise.all([house.step(), other.step(), house.step(), other.step()]);
  await house.settled();
  expect(await count()).toBe(before + 1);
  expect(await states(id)).toEqual(["paid"]);
  expect(await gotBy(ann.wallet)).toBe(COIN);
});

test("while the books are not known to be right nothing is signed, and what was sent still gets its outcome", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  expect(await house.step({ halted: true })).toBe("idle");
  expect(await states(id)).toEqual(["queued"]);
  await house.step();
  await house.settled();
  await house.step({ halted: true });
  expect(await states(id)).toEqual(["paid"]);
});

test("nothing is signed while the endpoint's clock and ours are apart", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  const chain = { ...house.chain, nowS: () => house.chain.nowS() - 300 };
  await expect(house.step({ chain })).rejects.toThrow("300 s apart");
  expect(await states(id)).toEqual(["queued"]);
  await house.payAll();
});

test("one endpoint alone does not make a batch void, whatever it says about the time", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  await house.step({ chain: deaf() });
  const client = house.clientThat({ sendFile: async () => undefined, aheadS: 10_000 });
  expect(await house.step({ chain: { ...house.chain, client } })).toBe("idle");
  const nowS = () => house.chain.nowS() + 10_000;
  expect(await house.step({ chain: { ...house.chain, client, second: house.chain.client, nowS } })).toBe("idle");
  expect(await states(id)).toEqual(["sent"]);
  await house.payAll();
});

test("an endpoint that shows too large a balance has the wallet leave payouts out: they are queued again, five times at most", async () => {
  const [ann, bob] = [await newPerson(30n), await newPerson(30n)];
  await house.keepHot(2n * COIN);
  const [large, small] = [await house.ask(ann.id, 20n * COIN), await house.ask(bob.id, COIN)];
  const chain = { ...house.chain, client: house.clientThat({ balance: 1_000n * COIN }) };
  for (let tries = 0; tries < 8; tries++) {
    await house.step({ chain });
    await house.settled();
  }
  expect(await states(large, small)).toEqual(["queued", "paid"]);
  expect(await gotBy(bob.wallet)).toBe(COIN);
  const { rows } = await house.ctx.pg.query("select left_out, state from outgoing where ref = $1", [large]);
  expect(rows).toEqual([{ left_out: 5, state: "queued" }]);
  // The person can have it back; nobody tries it again.
  await cancelPayout(house.ctx, { person: ann.id, id: large });
  expect((await house.balances())[`person person:${ann.id}`]).toBe(30n * COIN);
});

test("what the hot wallet lacks comes out of the deposits vault, and then all is paid", async () => {
  await house.keepHot(COIN);
  await house.fillVault(100n * COIN);
  const ann = await newPerson();
  const ids = [await house.ask(ann.id, 2n * COIN), await house.ask(ann.id, COIN)];
  await house.payAll();
  expect(await states(...ids)).toEqual(["paid", "paid"]);
  expect(await gotBy(ann.wallet)).toBe(3n * COIN);
  // It holds no more than was needed.
  expect(await gotBy(house.roles.operator.wallet.address)).toBeLessThan(COIN);
});

test("a redemption that the hot wallet cannot pay for does not keep it from asking the vault", async () => {
  await house.fillVault(10n * COIN);
  for (const has of [COIN / 10n, COIN / 5n]) {
    await house.keepHot(has);
    const [escrow, ann] = [newWallet(), await newPerson()];
    await queueOwn("redeem", { to: escrow, value: COIN / 20n });
    const id = await house.ask(ann.id, COIN);
    await house.payAll();
    expect(await gotBy(escrow)).toBe(COIN / 20n);
    expect(await states(id)).toEqual(["paid"]);
  }
});

test("withdrawals leave enough to ask the vault for more", async () => {
  await house.fillVault(10n * COIN);
  await house.keepHot((3n * COIN) / 10n);
  const ann = await newPerson();
  const ids = [await house.ask(ann.id, (24n * COIN) / 100n)];
  await house.payAll();
  ids.push(await house.ask(ann.id, COIN));
  await house.payAll();
  expect(await states(...ids)).toEqual(["paid", "paid"]);
});

test("a request to the vault that the wallet left out again and again keeps no other from being made", async () => {
  await house.fillVault(10n * COIN);
  await house.keepHot(COIN / 5n);
  await queueOwn("pay_hot", { to: house.chain.deposits, value: COIN / 50n, leftOut: 5 });
  const id = await house.ask((await newPerson()).id, COIN);
  await house.payAll();
  expect(await states(id)).toEqual(["paid"]);
});

test("beyond the vault's allowance of a day payouts stay queued in order, and are paid when it refills", async () => {
  const day = 24 * 3_600_000;
  house.test.opened.clock.advance(day);
  await house.fillHot(COIN);
  await house.fillVault(500n * COIN);
  // Of 100 coins a day.
  await house.draw(99n * COIN);
  await house.keepHot(COIN);
  const [ann, bob] = [await newPerson(30n), await newPerson()];
  const ids = [await house.ask(ann.id, 20n * COIN), await house.ask(bob.id, COIN / 2n)] as const;
  await house.payAll();
  // The smaller one could be paid, and does not overtake.
  expect(await states(...ids)).toEqual(["queued", "queued"]);
  // 20.5 coins less the one of the hot wallet and the one that is left, at 100 a day.
  const hours = ((await house.expected(ids[1]))!.getTime() - house.ctx.clock()) / 3_600_000;
  expect(hours).toBeGreaterThan(4);
  expect(hours).toBeLessThan(5);
  house.test.opened.clock.advance(5 * 3_600_000);
  await house.payAll();
  expect(await states(...ids)).toEqual(["paid", "paid"]);
});

test("beyond the house's day withdrawals wait in their order for midnight, and nobody is kept from asking", async () => {
  const day = 24 * 3_600_000;
  // To a noon, on a day that nothing was paid on.
  house.test.opened.clock.advance(2.5 * day - ((house.chain.nowS() * 1_000) % day));
  await house.fillHot(100n * COIN);
  const ids: string[] = [];
  for (const amount of [25n, 24n, 2n, 1n]) ids.push(await house.ask((await newPerson(30n)).id, amount * COIN));
  await house.payAll();
  expect(await states(...ids)).toEqual(["paid", "paid", "queued", "queued"]);
  const midnight = (await house.expected(ids[2]!))!.getTime();
  expect(midnight % day).toBe(0);
  house.test.opened.clock.advance(midnight - house.chain.nowS() * 1_000);
  await house.payAll();
  expect(await states(...ids)).toEqual(["paid", "paid", "paid", "paid"]);
});

test("a server that stops does not wait for an endpoint that is silent", async () => {
  const id = await house.ask((await newPerson()).id, COIN);
  const client = Object.create(house.chain.client) as TonClient;
  let isAsked = false;
  client.getContractState = () => {
    isAsked = true;
    return new Promise(() => undefined);
  };
  const watch = watchPayouts(house.ctx, { ...house.chain, client });
  await expect.poll(() => isAsked).toBe(true);
  await watch.stop();
  expect(await states(id)).toEqual(["queued"]);
  await house.payAll();
});

test("a hot wallet that cannot pay for asking the vault waits, and says so", async () => {
  await house.fillVault(10n * COIN);
  await house.keepHot(COIN / 20n);
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN / 2n);
  expect(await house.step()).toBe("done");
  expect(await house.step()).toBe("poor");
  await house.fillHot(COIN / 10n);
  await house.payAll();
  expect(await states(id)).toEqual(["paid"]);
});

test("the wallet that pays out, and the like, can be nobody's own", async () => {
  const { ctx, chain, roles } = house;
  const person = (await newPerson()).id;
  const { nonce: payload } = await makeNonce(ctx, person);
  const [domain, timestamp] = [chain.domains[0]!, chain.nowS()];
  const terms = { networkId: chain.networkId, key: roles.operator, domain, payload, timestamp };
  const proof = signedProof(roles.operator.wallet, terms);
  await expect(bindWallet(ctx, person, proof)).rejects.toThrow("one of the house's own");
});

test("a server pays by itself what is asked for, once it has compared the books with the chain", async () => {
  // Enough for everybody whom these tests have given coins to: else nobody is paid.
  await house.fillHot(1_000n * COIN);
  const watch = watchChain(house.ctx, house.chain);
  try {
    const ann = await newPerson();
    await expect.poll(() => house.ctx.ton.drifted).toBe(false);
    const id = await house.ask(ann.id, COIN / 5n);
    await expect.poll(() => states(id)).toEqual(["paid"]);
    expect(await gotBy(ann.wallet)).toBe(COIN / 5n);
  } finally {
    await watch.stop();
  }
});
