import { afterAll, beforeAll, expect, test } from "vitest";
import { vaultBody } from "@starai/contracts/Vault";
import { pinHome } from "@starai/server/chain/home";
import { chainLook } from "@starai/server/chain/look-at-chain";
import { readingsOf } from "@starai/server/watch-chain";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";

const COIN = 10n ** 9n;
let house: ChainHouse;

beforeAll(async () => {
  house = await openChainHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

async function expectMirrors() {
  for (const [role, booked, onChain] of await house.mirrors()) expect([role, booked]).toEqual([role, onChain]);
}

test("books that begin late have what each account has, from its first transaction on", async () => {
  await house.look();
  await expectMirrors();
  expect((await house.balances())["chain_transit house"]).toBeUndefined();
});

test("what moves between the house's own accounts is in transit, and nothing is left there", async () => {
  const { chain, roles, look, pay } = house;
  const ann = await house.rich("ann");
  await pay(ann, { to: chain.deposits, value: 30n * COIN });
  await pay(roles.operator, {
    to: chain.deposits,
    value: COIN / 10n,
    body: vaultBody.payHot({ amount: 5n * COIN }),
    bounce: true,
  });
  await look();
  await expectMirrors();
  expect((await house.balances())["chain_transit house"]).toBeUndefined();
});

test("what the vault pays to the hot wallet is in transit also while this server has no key of it", async () => {
  const { chain, ctx, roles, look, pay } = house;
  const keyless = await pinHome(ctx, { ...chain, hotSeed: null });
  const body = vaultBody.payHot({ amount: 2n * COIN });
  await pay(roles.operator, { to: chain.deposits, value: COIN / 10n, body, bounce: true });
  await chainLook(ctx, keyless, readingsOf(ctx))(new AbortController().signal);
  await expectMirrors();
  await look();
  await expectMirrors();
  expect((await house.balances())["chain_transit house"]).toBeUndefined();
});
