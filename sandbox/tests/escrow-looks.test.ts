/** Whoever asks again and again costs the chain's endpoint no more than its share. */
import { setImmediate } from "node:timers/promises";
import type { TonClient } from "@ton/ton";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { escrowBody } from "@starai/contracts/Escrow";
import { AT_ONCE_MAX, OF_PERSON_MAX } from "@starai/server/chain/asked-of-chain";
import { escrowOf } from "@starai/server/escrow/escrow-view";
import { coins, openEscrowHouse } from "../src/testing/escrow-house.ts";
import type { EscrowHouse } from "../src/testing/escrow-house.ts";

let house: EscrowHouse;

beforeAll(async () => {
  house = await openEscrowHouse();
});
afterEach(() => house.ctx.ton.open(house.chain));
afterAll(() => house[Symbol.asyncDispose]());

const full = (words: RegExp) =>
  expect.objectContaining({ code: "queue_full", message: expect.stringMatching(words) as string });

/** The endpoint from now on, with what is done before each look. Returns how many there were. */
function beforeEachLook(wait: () => Promise<void>): () => number {
  const { client } = house.chain;
  let looks = 0;
  const getContractState: TonClient["getContractState"] = async (address) => {
    looks++;
    await wait();
    return client.getContractState(address);
  };
  house.ctx.ton.open({
    ...house.chain,
    client: Object.assign(Object.create(client) as TonClient, { getContractState }),
  });
  return () => looks;
}

test("a person's loop is refused after so many looks a minute, and nobody else is", async () => {
  const [ann, bob] = [await house.keeper("loops"), await house.keeper("does not")];
  const now = house.ctx.clock() + 3_600_000;
  const at = (ms: number) => ({ ...house.ctx, clock: () => now + ms });
  const looks = beforeEachLook(async () => {});
  for (let asked = 0; asked < OF_PERSON_MAX; asked++) await escrowOf(at(asked), ann.id);
  expect(looks()).toBe(OF_PERSON_MAX);
  await expect(escrowOf(at(20_000), ann.id)).rejects.toEqual(full(/You asked.*Nothing was signed.*in 40 s/));
  expect(looks()).toBe(OF_PERSON_MAX);
  expect((await escrowOf(at(20_000), bob.id)).address).toBe(bob.address);
  expect((await escrowOf(at(60_000), ann.id)).address).toBe(ann.address);
});

test("whoever looks after a step of theirs on the chain sees it", async () => {
  const ann = await house.keeper("fresh");
  const before = BigInt((await ann.view()).chain!.available);
  await ann.send(escrowBody.topUp(), coins(1));
  expect(BigInt((await ann.view()).chain!.available)).toBeGreaterThan(before);
});

test("so many people are answered at once, and one more is told to come back", async () => {
  const many = [];
  for (let nth = 0; nth <= AT_ONCE_MAX; nth++) many.push(await house.keeper(`one of many ${nth}`, { opened: false }));
  const waiting: (() => void)[] = [];
  const opened = new Promise<void>((resolve) => waiting.push(resolve));
  const looks = beforeEachLook(() => opened);
  const [last, ...first] = many.toReversed();
  const answers = first.map((one) => one.view());
  while (looks() < AT_ONCE_MAX) await setImmediate();
  await expect(last!.view()).rejects.toEqual(full(/Many people.*Nothing was signed/));
  for (const open of waiting) open();
  expect(await Promise.all(answers)).toHaveLength(AT_ONCE_MAX);
  expect((await last!.view()).chain).toBeNull();
});
