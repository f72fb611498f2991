/** Withdrawals without an outcome of their own: an operator ends them, each once, and only when nothing else can. */
import { randomUUID } from "node:crypto";
import { beginCell } from "@ton/core";
import type { Address } from "@ton/core";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { pinHome } from "@starai/server/chain/home";
import { operatorActs, outgoing, payouts } from "@starai/server/db/schema";
import { operatorOver } from "@starai/server/testing/operator";
import type { TestOperator } from "@starai/server/testing/operator";
import { personOf } from "../src/testing/chain.ts";
import { openPayoutHouse } from "../src/testing/payout-house.ts";
import type { PayoutHouse } from "../src/testing/payout-house.ts";

const COIN = 10n ** 9n;
const FEE = 10_000_000n;
const WHY = ["--why", "seen in the explorer"];
let house: PayoutHouse;
let operator: TestOperator;
let names = 0;

beforeAll(async () => {
  house = await openPayoutHouse();
  const { ctx, chain } = house;
  await pinHome(ctx, chain);
  operator = operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => chain.client });
  await house.look();
});
afterEach(() => house.expectRight());
afterAll(() => house[Symbol.asyncDispose]());

const newWallet = () => personOf(`stuck ${names++}`).wallet.address;
const gotBy = (wallet: Address) => house.chain.client.getBalance(wallet);
const stateOf = async (id: string) => (await house.payout(id)).state;
const deaf = () => ({ ...house.chain, client: house.clientThat({ sendFile: async () => undefined }) });
const coinsOf = async (person: string) => (await house.balances())[`person person:${person}`];

async function newPerson() {
  const wallet = newWallet();
  return { wallet, id: await house.person(wallet, 10n * COIN) };
}

/** Withdrawals whose batch is signed and goes out once it was changed in the database. Returns their transaction. */
async function runOtherwise(ids: readonly string[], change: (id: string) => Promise<unknown>): Promise<string> {
  await house.step({ chain: deaf() });
  for (const id of ids) await change(id);
  await house.step();
  await house.settled();
  const { rows } = await house.ctx.pg.query<{ hash: Buffer }>(
    "select hash from chain_transactions where role = 'hot' and kind = 'batch' order by lt desc limit 1",
  );
  return rows[0]!.hash.toString("hex");
}

/** As the database remembers its message, it is not the one that the chain shows. */
const misremember = (id: string) => house.ctx.db.update(outgoing).set({ value: 1n }).where(eq(outgoing.ref, id));

test("what a batch paid in a form that the books did not know is ended as paid, by naming the transaction", async () => {
  const ann = await newPerson();
  const other = await house.ask((await newPerson()).id, COIN);
  await house.payAll();
  const id = await house.ask(ann.id, 2n * COIN);
  const hash = await runOtherwise([id], misremember);
  expect([await stateOf(id), await gotBy(ann.wallet)]).toEqual(["sent", 2n * COIN]);
  expect(await operator("payouts")).toMatch(new RegExp(`${id} .*its batch ran WITHOUT it .*person ${ann.id}`));
  // Neither given back, nor ended by what paid somebody else, nor by what the books do not have.
  expect(await operator("payout", "return", id, ...WHY)).toContain(`transaction ${hash} and sent 2 coins`);
  const others = (await house.payout(other)).transaction!;
  expect(await operator("payout", "paid", id, others, ...WHY)).toContain("sent 0 coins to the withdrawal's wallet");
  expect(await operator("payout", "paid", id, "0".repeat(64), ...WHY)).toContain("no such transaction in the books");
  expect([await stateOf(id), await coinsOf(ann.id)]).toEqual(["sent", 8n * COIN - FEE]);
  const own = (await house.balances())["own hot"] ?? 0n;
  expect(await operator("payout", "paid", id, hash, ...WHY)).toContain("2 coins is paid");
  expect(await house.payout(id)).toMatchObject({ state: "paid", transaction: hash });
  const after = await house.balances();
  expect([after[`in_flight payout:${id}`], after["own hot"]! - own]).toEqual([undefined, 2n * COIN + FEE]);
  const { rows: told } = await house.ctx.pg.query("select params->>'kind' as kind from notices where event = $1", [
    `payout ${id} paid`,
  ]);
  expect(told).toEqual([{ kind: "payout_paid" }]);
  const acts = await house.ctx.db.select().from(operatorActs);
  expect(acts).toMatchObject([{ verb: "payout paid", why: "seen in the explorer", params: { payout: id } }]);
  expect(await operator("payout", "paid", id, hash, ...WHY)).toContain("This withdrawal is paid, and only one that is");
  expect(await operator("payouts")).toBe("No withdrawal is sent and without outcome.");
});

test("one message ends one withdrawal, also of two to the same wallet", async () => {
  const ann = await newPerson();
  const ids = [await house.ask(ann.id, 2n * COIN), await house.ask(ann.id, COIN)] as const;
  const hash = await runOtherwise(ids, misremember);
  const third = await house.ask(ann.id, COIN);
  await house.step({ chain: deaf() });
  house.test.opened.clock.advance(300_000);
  for (const id of ids) expect(await operator("payout", "paid", id, hash, ...WHY)).toContain("is paid");
  expect(await operator("payout", "paid", third, hash, ...WHY)).toContain("beside what it paid of others");
  await house.payAll();
  expect(await stateOf(third)).toBe("paid");
  // The wallet's storage costs next to nothing meanwhile.
  expect(4n * COIN - (await gotBy(ann.wallet))).toBeLessThan(1_000n);
});

test("what a batch left unpaid among messages that nobody knows is given back whole, once", async () => {
  const [ann, elsewhere] = [await newPerson(), newWallet()];
  const id = await house.ask(ann.id, 2n * COIN);
  await runOtherwise([id], async () => {
    await misremember(id);
    await house.ctx.db.update(payouts).set({ wallet: elsewhere.toRawString() }).where(eq(payouts.id, id));
  });
  expect(await stateOf(id)).toBe("sent");
  expect(await operator("payout", "return", id)).toContain("Say why");
  expect(await operator("payout", "return", id, ...WHY)).toContain("2.01 coins are in the balance of person");
  expect([await stateOf(id), await coinsOf(ann.id)]).toEqual(["returned", 10n * COIN]);
  expect(await operator("payout", "return", id, ...WHY)).toContain("This withdrawal is returned");
  await house.payAll();
  expect([await coinsOf(ann.id), await gotBy(elsewhere)]).toEqual([10n * COIN, 0n]);
});

test("what is signed and not on the chain is given back once it can never run, and not before", async () => {
  const ann = await newPerson();
  const id = await house.ask(ann.id, 2n * COIN);
  expect(await operator("payout", "return", id, ...WHY)).toContain(
    "This withdrawal is queued, and only one that is sent",
  );
  await house.step({ chain: deaf() });
  expect(await operator("payout", "return", id, ...WHY)).toContain("Its batch may still run");
  house.test.opened.clock.advance(300_000);
  expect(await operator("payout", "return", id, ...WHY)).toContain("2.01 coins are in the balance");
  await house.payAll();
  expect([await coinsOf(ann.id), await gotBy(ann.wallet)]).toEqual([10n * COIN, 0n]);
});

test("one endpoint alone does not say that a batch is over: the second one must, too", async () => {
  const { ctx, chain } = house;
  const ann = await newPerson();
  const id = await house.ask(ann.id, COIN);
  await house.step({ chain: deaf() });
  const lies = house.clientThat({ aheadS: 300 });
  const over = (one: typeof lies, other: typeof lies | null) =>
    operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => one, secondTonClient: other });
  for (const [one, other] of [
    [lies, chain.client],
    [chain.client, lies],
  ] as const)
    expect(await over(one, other)("payout", "return", id, ...WHY)).toContain("Its batch may still run");
  const down = { getContractState: () => Promise.reject(new Error("down")) } as never;
  expect(await over(chain.client, down)("payout", "return", id, ...WHY)).toContain(
    "does not answer. Nothing was changed",
  );
  house.test.opened.clock.advance(300_000);
  expect(await over(chain.client, chain.client)("payout", "return", id, ...WHY)).toContain("are in the balance");
  await house.payAll();
  expect([await coinsOf(ann.id), await gotBy(ann.wallet)]).toEqual([10n * COIN, 0n]);
});

test("while no endpoint answers, and of what is no withdrawal, nothing is changed", async () => {
  const { ctx } = house;
  const id = await house.ask((await newPerson()).id, COIN);
  await house.step({ chain: deaf() });
  const down = { getContractState: () => Promise.reject(new Error("down")) };
  const away = operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => down as never });
  expect(await away("payout", "return", id, ...WHY)).toContain("does not answer. Nothing was changed");
  for (const words of [
    ["payout", "return", "x", ...WHY],
    ["payout", "return", randomUUID(), ...WHY],
    ["payout", "paid", id, "x", ...WHY],
    ["payout", "paid", randomUUID(), "0".repeat(64), ...WHY],
  ])
    expect(await operator(...words)).toContain("Nothing was changed.");
  await house.payAll();
  expect(await stateOf(id)).toBe("paid");
});

test("the house's own messages of such a batch are sent again, so that nothing waits for them", async () => {
  const [ann, escrow] = [await newPerson(), newWallet()];
  const message = { id: randomUUID(), kind: "redeem", destination: escrow.toRawString(), value: COIN / 20n } as const;
  const body = beginCell().storeUint(1, 64).endCell().toBoc();
  await house.ctx.db.insert(outgoing).values({ ...message, ref: randomUUID(), bounce: false, body, state: "queued" });
  const id = await house.ask(ann.id, COIN);
  const hash = await runOtherwise([id], async () => {
    await misremember(id);
    await house.ctx.db
      .update(outgoing)
      .set({ value: COIN / 10n })
      .where(eq(outgoing.id, message.id));
  });
  await house.payAll();
  expect(await gotBy(escrow)).toBe(COIN / 20n + COIN / 10n);
  expect(await stateOf(id)).toBe("sent");
  expect(await operator("payout", "paid", id, hash, ...WHY)).toContain("is paid");
});
