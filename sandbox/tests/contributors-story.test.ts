/**
 * Contributors in the whole house, from the code on a terminal to coins in a wallet: three machines over the real wire (one
 * slow, one that breaks off a third of its answers, one honest) answer for two people, who pay in Stars and in coins; epochs
 * are closed, proposed, opened and claimed on the embedded chain, stakes disputed, slashed and taken back. After each
 * test the books add up and are what the chain shows, to the nano unit; the tests follow each other.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Cell, internal, toNano } from "@ton/core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { LOCAL_NETWORK_ID } from "@starai/contracts/chain-config";
import {
  ContributorAccount,
  executeSlashBody,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "@starai/contracts/ContributorAccount";
import { claimBody, relayCancelSlashBody, relaySlashBody } from "@starai/contracts/RewardDistributor";
import { vaultBody } from "@starai/contracts/Vault";
import { PairingCode } from "@starai/protocol/contributor";
import { workerOwners } from "@starai/server/billing/worker-owners";
import { createApp } from "@starai/server/app";
import { pinHome } from "@starai/server/chain/home";
import { StakeWatch } from "@starai/server/contributors/look-at-stakes";
import { pairWorker } from "@starai/server/contributors/pair-worker";
import { people } from "@starai/server/db/schema";
import { depositNumberOf } from "@starai/server/deposits/deposit-number";
import { myClaim } from "@starai/server/earnings/my-claim";
import type { publishRound } from "@starai/server/earnings/publish-epoch";
import { publisherOf } from "@starai/server/earnings/publisher";
import { makeOwnKey } from "@starai/server/gateway/own-keys";
import { NO_HISTORY } from "@starai/server/pool/worker-record";
import { attachPoolSocket } from "@starai/server/pool/pool-socket";
import { expectBooksRight } from "@starai/server/testing/books";
import { TEST_MODEL } from "@starai/server/testing/gateway";
import { fund } from "@starai/server/testing/money";
import { operatorOver } from "@starai/server/testing/operator";
import type { TestOperator } from "@starai/server/testing/operator";
import { storeRate } from "@starai/server/testing/rates";
import { bindWallet } from "@starai/server/wallets/bind-wallet";
import { makeNonce } from "@starai/server/wallets/nonces";
import { signedProof } from "../../contracts/tests/test-ton-proof.ts";
import { openChainHouse } from "../src/testing/chain-house.ts";
import type { ChainHouse } from "../src/testing/chain-house.ts";
import type { RoleWallet } from "../src/ton/roles.ts";
import { epochSteps } from "./epoch-steps.ts";
import { ANSWER, LentMachine, MANNERS } from "./lent-machine.ts";

const DAY_MS = 86_400_000;
/** Attached for gas; what is left comes back. */
const ATTACHED = toNano("0.2");
const STAKE = toNano("10");
/** In answers. A third of the failing machine's leases are broken off among so many. */
const ROUNDS = 8;
const never = new AbortController().signal;

interface Contributor {
  readonly person: string;
  readonly role: RoleWallet;
  readonly machine: LentMachine;
  readonly account: ContributorAccount;
}

let house: ChainHouse;
let operator: TestOperator;
let app: ReturnType<typeof createApp>;
let url: string;
let detach: () => Promise<void>;
const server = http.createServer();
let parts: Parameters<typeof publishRound>[1];
/** Keys of the API: of who pays in Stars, and of who pays in coins. */
let keys: string[];
let honest: Contributor;
let failing: Contributor;
let slow: Contributor;
/** Nobody's, and without a stake. */
let stranger: LentMachine;
let telegramIds = 7_000;

const { aDayLater, close, publish, round, leafOf, unclaimed, claimed, see } = epochSteps(
  () => house,
  () => parts,
);

beforeAll(async () => {
  house = await openChainHouse({ chain: { network: "sandbox" } });
  const { ctx, chain } = house;
  await pinHome(ctx, chain);
  operator = operatorOver({ db: ctx.db, pg: ctx.pg, tonClient: () => chain.client });
  app = createApp(ctx);
  parts = { chain, publisher: publisherOf(chain), proofs: ctx.proofs };
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  detach = attachPoolSocket(ctx, { http: server, leases: ctx.queue });
  await ctx.queue.start();
  await storeRate(ctx.db);
  await charge("2/0.5/30");
  keys = [await starsKey(), await coinKey()];
  stranger = new LentMachine("stranger", MANNERS.honest, poolKeys);
  [honest, failing, slow] = [await contributor("honest"), await contributor("failing"), await contributor("slow")];
}, 120_000);
afterEach(expectRight);
afterAll(async () => {
  for (const machine of [stranger, honest.machine, failing.machine, slow.machine]) machine.wire.kill();
  await house.ctx.queue.shutdown();
  await detach();
  server.close();
  await house.ctx.proofs[Symbol.asyncDispose]();
  await house.ctx.follower[Symbol.asyncDispose]();
  await house.ctx.forms[Symbol.asyncDispose]();
  await house[Symbol.asyncDispose]();
});

const all = () => [honest, failing, slow];
const poolKeys = () => ({ [house.ctx.signer.id]: house.ctx.signer.publicKey });
const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

async function newPerson(name: string): Promise<string> {
  const person = { telegramId: ++telegramIds, name, language: "en" };
  const [row] = await house.ctx.db.insert(people).values(person).returning({ id: people.id });
  return row!.id;
}

async function starsKey(): Promise<string> {
  const person = await newPerson("Ann");
  await fund(house.ctx, person, { stars: toNano("50") });
  return (await makeOwnKey(house.ctx, person, { name: "script" })).key;
}

/** Paid in on the chain. */
async function coinKey(): Promise<string> {
  const person = await newPerson("Ben");
  const { number: userId } = await depositNumberOf(house.ctx.db, person);
  const body = vaultBody.deposit({ userId });
  await house.pay(await house.rich("Ben"), { to: house.chain.deposits, value: toNano("20"), body });
  await house.look();
  return (await makeOwnKey(house.ctx, person, { name: "script" })).key;
}

/** Somebody whose wallet is proved, whose machine shows a code that they type, and who puts a stake behind it. */
async function contributor(manner: keyof typeof MANNERS): Promise<Contributor> {
  const { ctx, chain } = house;
  const person = await newPerson(manner);
  const role = await house.rich(manner, toNano("50"));
  const { nonce: payload } = await makeNonce(ctx, person);
  const terms = { networkId: LOCAL_NETWORK_ID, key: role, domain: chain.domains[0]!, payload, timestamp: chain.nowS() };
  await bindWallet(ctx, person, signedProof(role.wallet, terms));
  const machine = new LentMachine(manner, MANNERS[manner], poolKeys);
  await machine.join(url);
  machine.wire.send({ type: "pair" });
  await pairWorker(ctx, { person, code: PairingCode.parse((await machine.wire.frame("pairing")).code) });
  await machine.wire.leave();
  const account = new ContributorAccount({ owner: role.wallet.address, distributor: chain.distributor });
  const { address: to, init } = account;
  await house.test.sendFrom(role, internal({ to, init, value: STAKE + ATTACHED, body: stakeBody(STAKE) }));
  return { person, role, machine, account };
}

/** Of each answer: whole, whoever wrote it. Asked by both people at once. */
async function answers(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await Promise.all(keys.map(ask));
}

async function ask(key: string): Promise<void> {
  const response = await app.request("/v1/chat/completions", {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model: TEST_MODEL, messages: [{ role: "user", content: "Count." }], max_tokens: 60 }),
  });
  const body = (await response.json()) as { choices?: { message: { content: string } }[] };
  expect([response.status, body.choices?.[0]?.message.content ?? body]).toEqual([200, ANSWER]);
}

/** Dollars for a million prompt, cached and answer tokens: dear, so that shares are amounts and not rests of a division. */
async function charge(prices: string): Promise<void> {
  expect(await operator("prices", "set", TEST_MODEL, prices, "dollars", "--why", "a test")).toContain(
    prices.split("/")[2],
  );
}

/** Only these are in the pool. */
async function only(machines: readonly LentMachine[]): Promise<void> {
  for (const machine of [stranger, ...all().map((one) => one.machine)]) await machine.wire.leave();
  for (const machine of machines) await machine.join(url);
}

async function expectRight(): Promise<void> {
  await house.look();
  await expectBooksRight(house.ctx.pg);
  for (const [role, booked, there] of await house.mirrors()) expect([role, booked]).toEqual([role, there]);
  for (const { role } of all()) {
    const { address } = role.wallet;
    expect(await unclaimed(address)).toBe((await leafOf(address)) - (await claimed(address)));
  }
}

/** What is on the accounts of all machines, and what their notes say was put there. */
async function expectNotesToBeTheBooks(): Promise<void> {
  for (const { machine } of all())
    for (const asset of ["coin", "stars"] as const) {
      const { rows } = await house.ctx.pg.query<{ total: string }>(
        "select total from credit_totals where worker = $1 and asset = $2",
        [machine.key, asset],
      );
      await expect.poll(() => machine.owed(asset)).toBe(BigInt(rows[0]?.total ?? 0));
    }
}

/** Of this machine: those that it broke off, and those that took longer than the service level. */
async function attemptsOf({ machine }: Contributor): Promise<{ broken: number; late: number }> {
  const { rows } = await house.ctx.pg.query<{ broken: number; late: number }>(
    `select count(*) filter (where "end" <> 'done')::int as broken, count(*) filter (where took_ms > level_ms)::int as late
     from attempts where worker_id = $1`,
    [machine.key],
  );
  return rows[0]!;
}

async function claimInTheApp({ person, role }: Contributor): Promise<bigint> {
  const { address } = role.wallet;
  const [before, had] = [await house.chain.client.getBalance(address), await claimed(address)];
  const proof = await myClaim(house.ctx, person);
  const body = claimBody({ owner: address, deploy: proof.deploy, proof: Cell.fromBase64(proof.proof) });
  const value = BigInt(proof.value);
  await house.test.sendFrom(role, internal({ to: house.chain.distributor, value, bounce: true, body }));
  await house.look();
  const paid = (await claimed(address)) - had;
  // The network's fee comes off, and nothing else.
  const gained = (await house.chain.client.getBalance(address)) - before;
  expect(paid - gained).toBeGreaterThan(0n);
  expect(paid - gained).toBeLessThan(toNano("0.02"));
  return paid;
}

test("three staked machines answer for two people, whole each time, and a stranger's gets none of it", async () => {
  await new StakeWatch(house.ctx).look(house.chain, never);
  // Alone, so that each of them has had answers of both people.
  await only([honest.machine]);
  await answers(1);
  await only([failing.machine]);
  await answers(3);
  await only([slow.machine]);
  await answers(1);
  expect(await attemptsOf(failing)).toMatchObject({ broken: 3, late: 0 });
  expect(await attemptsOf(slow)).toEqual({ broken: 0, late: 2 });
  // What it did is not forgotten, but its pause is over.
  house.ctx.registry.recordOf(failing.machine.key, NO_HISTORY).pausedUntil = null;
  await only([stranger, ...all().map(({ machine }) => machine)]);
  await answers(ROUNDS);
  expect(stranger.leases).toBe(0);
  await expectNotesToBeTheBooks();
  for (const { machine } of all())
    for (const asset of ["coin", "stars"] as const) expect(machine.owed(asset) > 0n).toBe(true);
  // What the slow one did not earn is set aside, of either money.
  const { rows } = await house.ctx.pg.query(
    "select asset from ledger_accounts where kind = 'availability' and balance > 0",
  );
  expect(rows).toHaveLength(2);
}, 120_000);

test("Stars earnings become coins of the float; a new machine's pay waits two epochs, then each leaf is what its notes add up to", async () => {
  expect(await operator("float", "max", "5", "--why", "workers of Stars answers")).toContain("at most 5 coins ahead");
  expect(await operator("float", "fund", "5", "--why", "workers of Stars answers")).toContain("5 coins were put aside");
  expect(await operator("float", "pay", "--why", "the day's")).toContain("were paid");
  // The server is told by the machines' next answers, or by their coming back.
  await only(all().map(({ machine }) => machine));
  await expectNotesToBeTheBooks();
  for (const number of [1, 2]) {
    expect(await close()).toBe("early");
    aDayLater();
    expect(await close()).toEqual({ number, released: 0n });
    for (const { role, person } of all()) {
      expect(await leafOf(role.wallet.address)).toBe(0n);
      await expect(myClaim(house.ctx, person)).rejects.toThrow(/there is nothing to claim yet/);
    }
  }
  aDayLater();
  const owed = sum(all().map(({ machine }) => machine.owed("coin")));
  expect(await close()).toEqual({ number: 3, released: owed });
  for (const { role, machine } of all()) expect(await leafOf(role.wallet.address)).toBe(machine.owed("coin"));
  await publish();
  expect(await round()).toBe("done");
  expect((await see()).totalCum).toBe(owed);
}, 120_000);

test("each wallet claims its leaf in the app, once; the next root pays only what came since", async () => {
  for (const one of all()) expect(await claimInTheApp(one)).toBe(one.machine.owed("coin"));
  await expect(myClaim(house.ctx, honest.person)).rejects.toThrow(/there is nothing to claim yet/);
  const before = new Map(all().map(({ machine }) => [machine, machine.owed("coin")]));
  await answers(3);
  await expectNotesToBeTheBooks();
  const owed = sum(all().map(({ machine }) => machine.owed("coin")));
  const since = owed - sum([...before.values()]);
  expect(since > 0n).toBe(true);
  expect(await close()).toEqual({ number: 4, released: since });
  await publish();
  for (const one of all()) {
    const more = one.machine.owed("coin") - before.get(one.machine)!;
    expect(more > 0n ? await claimInTheApp(one) : 0n).toBe(more);
    expect(await claimed(one.role.wallet.address)).toBe(one.machine.owed("coin"));
    expect(await unclaimed(one.role.wallet.address)).toBe(0n);
  }
  expect(await see()).toMatchObject({ totalCum: owed, totalPaid: owed });
}, 120_000);

const look = () => new StakeWatch(house.ctx).look(house.chain, never);
const atStake = async ({ account }: Contributor) => (await house.chain.client.open(account).getData()).stake;
const vaultOfRefunds = () => house.chain.client.getBalance(house.deployment.refunds);

/** Stored by the operator with one of the machine's jobs as evidence, and sent by the publisher as that printed it. */
async function proposeSlash({ role, machine }: Contributor, coins: string): Promise<void> {
  const { rows } = await house.ctx.pg.query<{ job_id: string }>(
    "select job_id from attempts where worker_id = $1 limit 1",
    [machine.key],
  );
  const owner = role.wallet.address;
  const said = await operator("slash", owner.toString(), coins, "answers of another model", "--job", rows[0]!.job_id);
  const reason = /propose-slash \S+ \S+ ([0-9a-f]{64})/.exec(said)?.[1];
  const body = relaySlashBody({ owner, amount: toNano(coins), reason: BigInt(`0x${reason}`) });
  await house.pay(house.roles.publisher, { to: house.chain.distributor, value: ATTACHED, bounce: true, body });
  await look();
}

test("a slash that the guardian cancels costs nothing, another is executed after its three days, and refunds have it", async () => {
  await look();
  expect(
    await operator("slash", honest.role.wallet.address.toString(), "2", "another's job", "--job", crypto.randomUUID()),
  ).toMatch(/^refused: No machine of that wallet worked on the job/);
  const refunds = await vaultOfRefunds();
  await proposeSlash(honest, "2");
  await proposeSlash(failing, "3");
  expect(await operator("slashes")).toContain("3 coins disputed until");
  const cancel = relayCancelSlashBody(honest.role.wallet.address);
  await house.pay(house.roles.guardian, { to: house.chain.distributor, value: ATTACHED, bounce: true, body: cancel });
  const execute = () =>
    house.pay(slow.role, { to: failing.account.address, value: ATTACHED, bounce: true, body: executeSlashBody() });
  await execute();
  expect(await atStake(failing)).toBe(STAKE);
  house.test.opened.clock.advance(3 * DAY_MS + 60_000);
  await execute();
  await look();
  expect([await atStake(honest), await atStake(failing)]).toEqual([STAKE, STAKE - toNano("3")]);
  const said = await operator("slashes");
  expect(said).toMatch(/2 coins {2}cancelled: answers of another model/);
  expect(said).toMatch(/3 coins {2}executed: answers of another model/);
  const gained = (await vaultOfRefunds()) - refunds;
  expect(gained).toBeLessThanOrEqual(toNano("3"));
  expect(gained).toBeGreaterThan(toNano("2.99"));
}, 120_000);

test("a stake comes back seven days after it was asked for, all of it, and not before", async () => {
  const { role, account, machine } = slow;
  const owns = () => house.chain.client.getBalance(role.wallet.address);
  const tell = (body: Cell) => house.pay(role, { to: account.address, value: ATTACHED, bounce: true, body });
  const before = await owns();
  await tell(requestUnbondBody(STAKE));
  await tell(withdrawUnbondedBody());
  expect(await owns()).toBeLessThan(before);
  house.test.opened.clock.advance(7 * DAY_MS + 60_000);
  await tell(withdrawUnbondedBody());
  expect((await owns()) - before).toBeGreaterThan(STAKE - toNano("0.05"));
  await look();
  expect(await atStake(slow)).toBe(0n);
  // Without a stake behind it its machine gets no paid answer any more.
  expect((await workerOwners(house.ctx.db, [machine.key])).get(machine.key)).toMatchObject({ stake: 0n });
}, 120_000);
