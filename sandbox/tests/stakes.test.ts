/** Stakes on the embedded chain: what stands behind machines is what their owner's contract holds. */
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { internal, toNano } from "@ton/core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  ContributorAccount,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "@starai/contracts/ContributorAccount";
import { workerOwners } from "@starai/server/billing/worker-owners";
import { StakeWatch } from "@starai/server/contributors/look-at-stakes";
import { myStake } from "@starai/server/contributors/my-stake";
import { adoptWorker } from "@starai/server/contributors/pair-worker";
import { seeStake, storedStake } from "@starai/server/contributors/see-stake";
import { people, wallets } from "@starai/server/db/schema";
import { testChain } from "@starai/server/testing/coins";
import { ownMachine } from "../src/own-machine.ts";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import type { RoleWallet } from "../src/ton/roles.ts";
import { loadRoles } from "../src/ton/roles.ts";

const WEEK_MS = 7 * 86_400_000;
const ATTACHED = toNano("0.2");
const never = new AbortController().signal;
let house: ChainHouse;
let telegramId = 60_000;

beforeAll(async () => {
  house = await openChainHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

/** Somebody with a wallet that is theirs here, and a machine. */
async function newContributor(name: string) {
  const { ctx, chain } = house;
  const role = await house.rich(name, toNano("50"));
  const [person] = await ctx.db.insert(people).values({ telegramId: ++telegramId, name, language: "en" }).returning();
  const wallet = role.wallet.address.toRawString();
  await ctx.db.insert(wallets).values({ person: person!.id, address: wallet, payoutsFrom: new Date(0) });
  const worker = randomBytes(32).toString("hex");
  await adoptWorker(ctx, { worker, person: person!.id });
  const account = new ContributorAccount({ owner: role.wallet.address, distributor: chain.distributor });
  return { role, person: person!.id, wallet, worker, account };
}

async function stake(by: RoleWallet, account: ContributorAccount, amount: bigint): Promise<void> {
  const { address: to, init } = account;
  await house.test.sendFrom(by, internal({ to, init, value: amount + ATTACHED, body: stakeBody(amount) }));
}

const look = () => new StakeWatch(house.ctx).look(house.chain, never);
const behind = async (worker: string) => (await workerOwners(house.ctx.db, [worker])).get(worker)?.stake;

test("a stake stands behind the machine once it was seen, divided by all of its owner's", async () => {
  const ann = await newContributor("ann");
  await look();
  expect(await behind(ann.worker)).toBe(0n);
  expect((await myStake(house.ctx, ann.person))?.stake).toMatchObject({
    account: ann.account.address.toRawString(),
    isDeployed: false,
    stake: "0",
  });
  await stake(ann.role, ann.account, toNano("10"));
  await look();
  expect(await behind(ann.worker)).toBe(toNano("10"));
  await adoptWorker(house.ctx, { worker: randomBytes(32).toString("hex"), person: ann.person });
  expect(await behind(ann.worker)).toBe(toNano("5"));
});

test("what is on its way back does not weigh; it is withdrawn after seven days of the chain", async () => {
  const bob = await newContributor("bob");
  await stake(bob.role, bob.account, toNano("10"));
  await house.pay(bob.role, {
    to: bob.account.address,
    value: ATTACHED,
    body: requestUnbondBody(toNano("4")),
    bounce: true,
  });
  await look();
  expect(await behind(bob.worker)).toBe(toNano("6"));
  const mine = await myStake(house.ctx, bob.person);
  expect(mine?.stake).toMatchObject({ stake: String(toNano("6")), unbonding: String(toNano("4")), disputed: "0" });
  const inDays = (Date.parse(mine!.stake!.unbondAt!) - mine!.nowS * 1_000) / WEEK_MS;
  expect(inDays).toBeGreaterThan(0.99);
  expect(inDays).toBeLessThanOrEqual(1);
  house.test.opened.clock.advance(WEEK_MS + 60_000);
  await house.pay(bob.role, { to: bob.account.address, value: ATTACHED, body: withdrawUnbondedBody(), bounce: true });
  expect((await seeStake(house.ctx, house.chain, bob.wallet))?.unbonding).toBe(0n);
});

test("somebody else's stake and somebody without a machine change nothing for a machine", async () => {
  const [carol, dave] = [await newContributor("carol"), await newContributor("dave")];
  await stake(carol.role, carol.account, toNano("10"));
  // Only its owner stakes in an account: this bounces.
  await stake(carol.role, dave.account, toNano("10"));
  await look();
  expect(await behind(carol.worker)).toBe(toNano("10"));
  expect(await behind(dave.worker)).toBe(0n);
});

test("an endpoint that is down leaves what was seen, with its time, and says so once", async () => {
  const erin = await newContributor("erin");
  await stake(erin.role, erin.account, toNano("7"));
  await look();
  const before = await storedStake(house.ctx, erin.wallet);
  const dead = { ...house.chain, client: testChain().client };
  await expect(new StakeWatch(house.ctx).look(dead, never)).rejects.toMatchObject({ code: "interrupted" });
  expect(await storedStake(house.ctx, erin.wallet)).toEqual(before);
  expect(await behind(erin.worker)).toBe(toNano("7"));
}, 300_000);

test("what a look saw is kept together with what it says of a slash, or not at all", async () => {
  const { ctx, chain } = house;
  const fay = await newContributor("fay");
  await stake(fay.role, fay.account, toNano("7"));
  await look();
  const before = await storedStake(ctx, fay.wallet);
  await stake(fay.role, fay.account, toNano("1"));
  await ctx.pg.query("alter table slash_proposals rename to away");
  await expect(seeStake(ctx, chain, fay.wallet)).rejects.toThrow("Failed query");
  await ctx.pg.query("alter table away rename to slash_proposals");
  expect(await storedStake(ctx, fay.wallet)).toEqual(before);
  expect((await seeStake(ctx, chain, fay.wallet))?.stake).toBe(toNano("8"));
});

test("the sandbox's own machine is the operator's and staked once, however often it starts", async () => {
  const { ctx, chain, test: ton } = house;
  const worker = randomBytes(32).toString("hex");
  const own = () => ownMachine(ctx, { ton: ton.ton, chain, worker });
  await own();
  expect(await behind(worker)).toBe(toNano("10"));
  const { contributor } = ton.opened.roles;
  const account = new ContributorAccount({ owner: contributor.wallet.address, distributor: chain.distributor });
  await house.pay(contributor, {
    to: account.address,
    value: ATTACHED,
    body: requestUnbondBody(toNano("10")),
    bounce: true,
  });
  await own();
  expect(await behind(worker)).toBe(0n);
});

test("a folder of before opens with the keys that it had, and gets the new one once", async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "starai-roles-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  loadRoles(folder);
  const file = path.join(folder, "roles.json");
  const { contributor: _, ...old } = JSON.parse(await readFile(file, "utf8")) as Record<string, string>;
  await writeFile(file, JSON.stringify(old));
  const opened = loadRoles(folder);
  const kept = JSON.parse(await readFile(file, "utf8")) as Record<string, string>;
  expect(kept).toMatchObject(old);
  expect(kept.contributor).toMatch(/^[0-9a-f]{64}$/);
  expect(loadRoles(folder).contributor.wallet.address.equals(opened.contributor.wallet.address)).toBe(true);
  await writeFile(file, JSON.stringify({ ...old, operator: "short" }));
  expect(() => loadRoles(folder)).toThrow("damaged");
});
