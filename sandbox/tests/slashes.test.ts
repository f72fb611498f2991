/** Slashes on the embedded chain: how one ended is what the contributor's contract says, whatever its stake did meanwhile. */
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { internal, toNano } from "@ton/core";
import type { Cell } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ContributorAccount,
  executeSlashBody,
  requestUnbondBody,
  stakeBody,
} from "@starai/contracts/ContributorAccount";
import { ContributorAccountTerms as Terms } from "@starai/contracts/contributor-account-codes";
import { relayCancelSlashBody, relaySlashBody } from "@starai/contracts/RewardDistributor";
import type { Chain } from "@starai/server/chain/chain";
import { StakeWatch } from "@starai/server/contributors/look-at-stakes";
import { adoptWorker, unpairWorker } from "@starai/server/contributors/pair-worker";
import { seeStake } from "@starai/server/contributors/see-stake";
import { reasonOf } from "@starai/server/contributors/slash-outcome";
import { attempts, contributorStakes, jobs, people, slashProposals, wallets } from "@starai/server/db/schema";
import { operatorOver } from "@starai/server/testing/operator";
import { pinHome } from "@starai/server/chain/home";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import type { RoleWallet } from "../src/ton/roles.ts";

const ATTACHED = toNano("0.2");
const AMOUNT = toNano("2");
const DAY_S = 86_400;
const never = new AbortController().signal;
let house: ChainHouse;
let telegramId = 70_000;

beforeAll(async () => {
  house = await openChainHouse();
  await pinHome(house.ctx, house.chain);
}, 120_000);
afterAll(() => house[Symbol.asyncDispose]());

interface Contributor {
  readonly role: RoleWallet;
  readonly person: string;
  readonly wallet: string;
  readonly worker: string;
  readonly account: ContributorAccount;
}

/** Somebody with a machine and ten coins at stake. */
async function newContributor(name: string): Promise<Contributor> {
  const { ctx, chain } = house;
  const role = await house.rich(name, toNano("50"));
  const [person] = await ctx.db.insert(people).values({ telegramId: ++telegramId, name, language: "en" }).returning();
  const wallet = role.wallet.address.toRawString();
  await ctx.db.insert(wallets).values({ person: person!.id, address: wallet, payoutsFrom: new Date(0) });
  const worker = randomBytes(32).toString("hex");
  await adoptWorker(ctx, { worker, person: person!.id });
  const account = new ContributorAccount({ owner: role.wallet.address, distributor: chain.distributor });
  const contributor = { role, person: person!.id, wallet, worker, account };
  await stake(contributor, toNano("10"));
  await see(contributor);
  return contributor;
}

async function stake({ role, account: { address: to, init } }: Contributor, amount: bigint): Promise<void> {
  await house.test.sendFrom(role, internal({ to, init, value: amount + ATTACHED, body: stakeBody(amount) }));
}

/** As the operator stores it, and the publisher sends it. */
async function propose({ role, wallet }: Contributor, amount = AMOUNT): Promise<string> {
  const evidence = JSON.stringify({ about: randomBytes(8).toString("hex") });
  const values = { wallet, amount, reason: "Copied answers.", evidence };
  const [stored] = await house.ctx.db.insert(slashProposals).values(values).returning();
  await tellDistributor(
    house.roles.publisher,
    relaySlashBody({ owner: role.wallet.address, amount, reason: reasonOf(evidence) }),
  );
  return stored!.id;
}

const tellDistributor = (from: RoleWallet, body: Cell) =>
  house.pay(from, { to: house.chain.distributor, value: ATTACHED, bounce: true, body });
const cancel = ({ role }: Contributor) =>
  tellDistributor(house.roles.guardian, relayCancelSlashBody(role.wallet.address));
const execute = ({ role, account: { address: to } }: Contributor) =>
  house.pay(role, { to, value: ATTACHED, bounce: true, body: executeSlashBody() });
const later = (seconds: number) => house.test.opened.clock.advance(seconds * 1_000);
const see = ({ wallet }: Contributor, chain: Chain = house.chain) => seeStake(house.ctx, chain, wallet);
const slashOf = async (id: string) =>
  (await house.ctx.db.select().from(slashProposals).where(eq(slashProposals.id, id)))[0]!;
const stateOf = async (id: string) => (await slashOf(id)).state;

test("a slash that nobody executes within its ten days has expired, and not before", async () => {
  const ann = await newContributor("ann");
  const id = await propose(ann);
  await see(ann);
  expect(await slashOf(id)).toMatchObject({ state: "proposed", endedAt: null });
  expect((await slashOf(id)).shownAt).not.toBeNull();
  later(Terms.APPEAL_SECONDS + Terms.DISPUTE_SECONDS - DAY_S);
  await see(ann);
  expect(await stateOf(id)).toBe("proposed");
  later(DAY_S + 60);
  await see(ann);
  expect(await stateOf(id)).toBe("expired");
  expect((await see(ann))?.stake).toBe(toNano("10"));
  await execute(ann);
  await see(ann);
  expect(await stateOf(id)).toBe("expired");
}, 120_000);

test("one that is executed while its owner stakes as much again was executed, also where nobody looked between", async () => {
  const bob = await newContributor("bob");
  const id = await propose(bob);
  later(Terms.APPEAL_SECONDS + 60);
  await execute(bob);
  await stake(bob, AMOUNT);
  expect((await see(bob))?.stake).toBe(toNano("10"));
  expect(await slashOf(id)).toMatchObject({ state: "executed" });
}, 120_000);

test("one that the guardian cancels was cancelled, also where its owner takes as much out of the stake meanwhile", async () => {
  const carol = await newContributor("carol");
  const id = await propose(carol);
  await see(carol);
  const { role: from, account } = carol;
  await house.pay(from, { to: account.address, value: ATTACHED, bounce: true, body: requestUnbondBody(AMOUNT) });
  await cancel(carol);
  expect((await see(carol))?.stake).toBe(toNano("8"));
  expect(await stateOf(id)).toBe("cancelled");
}, 120_000);

test("an endpoint that is behind changes nothing of a slash, before and after its end", async () => {
  const dave = await newContributor("dave");
  const open = () => house.chain.client.open(dave.account).getData();
  const behind = (data: Awaited<ReturnType<typeof open>>): Chain => {
    const get = (client: TonClient, name: string | symbol): unknown =>
      name === "open" ? () => ({ getData: async () => data }) : Reflect.get(client, name, client);
    return { ...house.chain, client: new Proxy(house.chain.client, { get }) };
  };
  const before = await open();
  const id = await propose(dave);
  const disputed = await open();
  await see(dave);
  await see(dave, behind(before));
  expect(await stateOf(id)).toBe("proposed");
  later(Terms.APPEAL_SECONDS + 60);
  await execute(dave);
  await see(dave);
  for (const data of [disputed, before]) await see(dave, behind(data));
  expect(await stateOf(id)).toBe("executed");
}, 120_000);

test("of two slashes between two looks the messages say how the first one ended", async () => {
  const erin = await newContributor("erin");
  const first = await propose(erin, toNano("1"));
  await see(erin);
  later(Terms.APPEAL_SECONDS + 60);
  await execute(erin);
  const second = await propose(erin, toNano("1"));
  await see(erin);
  expect([await stateOf(first), await stateOf(second)]).toEqual(["executed", "proposed"]);
  await cancel(erin);
  later(Terms.COOL_DOWN_SECONDS + 60);
  const third = await propose(erin, toNano("1"));
  await see(erin);
  expect([await stateOf(second), await stateOf(third)]).toEqual(["cancelled", "proposed"]);
  later(Terms.APPEAL_SECONDS + Terms.DISPUTE_SECONDS + Terms.COOL_DOWN_SECONDS + 60);
  const fourth = await propose(erin, toNano("1"));
  await see(erin);
  expect([await stateOf(third), await stateOf(fourth)]).toEqual(["expired", "proposed"]);
}, 120_000);

test("who unpairs a machine before any epoch was closed can be slashed for what it did, and for nothing after that", async () => {
  const { ctx } = house;
  const fay = await newContributor("fay");
  const operator = operatorOver({ db: ctx.db, pg: ctx.pg });
  const slash = (job: string) => operator("slash", fay.wallet, "1", "answers of another model", "--job", job);
  // Times are kept to the millisecond: what happens within one has no order.
  const did = await jobBy(fay.worker);
  await setTimeout(5);
  await unpairWorker(ctx, { person: fay.person, worker: fay.worker });
  await ctx.db.update(wallets).set({ state: "removed" }).where(eq(wallets.person, fay.person));
  await setTimeout(5);
  const after = await jobBy(fay.worker);
  expect(await slash(after)).toContain(`worked on the job ${after}`);
  expect(await slash(did)).toContain("Stored as");
  expect(
    await operatorOver({ db: ctx.db, pg: ctx.pg })(
      "slash",
      (await newContributor("gus")).wallet,
      "1",
      "another reason",
      "--job",
      did,
    ),
  ).toContain(`worked on the job ${did}`);
  // Its stake is looked at on, though no machine is theirs.
  await ctx.db.update(contributorStakes).set({ stake: 0n }).where(eq(contributorStakes.wallet, fay.wallet));
  await new StakeWatch(ctx).look(house.chain, never);
  const [seen] = await ctx.db.select().from(contributorStakes).where(eq(contributorStakes.wallet, fay.wallet));
  expect(seen!.stake).toBe(toNano("10"));
}, 120_000);

async function jobBy(workerId: string): Promise<string> {
  const request = { turns: [{ role: "user", content: "hello" }] } as never;
  const values = {
    key: randomBytes(8).toString("hex"),
    owner: "person:x",
    model: "m",
    request,
    deadlineAt: new Date(),
  };
  const [job] = await house.ctx.db.insert(jobs).values(values).returning();
  await house.ctx.db.insert(attempts).values({ jobId: job!.id, fence: 1, workerId, end: "done", tokens: 7 });
  return job!.id;
}
