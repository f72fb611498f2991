/** What a contributor sees of their machines, through the app's route. */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ContributorOverview, SlashEvidence } from "@starai/protocol/contributor";
import { answerOf } from "../client.ts";
import { postingKey } from "../chain/book-transaction.ts";
import {
  appeals,
  chainTransactions,
  contributorStakes,
  creditTotals,
  epochLeaves,
  epochLines,
  epochs,
  slashProposals,
  wallets,
  workerBindings,
  workerHours,
  workers,
} from "../db/schema.ts";
import type { EpochState } from "../db/schema.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { expectBooksRight } from "../testing/books.ts";
import { randomAddress, testChain } from "../testing/coins.ts";
import { noteByHand } from "../testing/credit-notes.ts";
import { claimsOf } from "./claim-history.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { whole } from "../testing/money.ts";
import { newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

const HOUR_MS = 3_600_000;
let stack: TestApp;
let ann: TestPerson;
let names = 0;

beforeAll(async () => {
  stack = await openTestApp();
  stack.ctx.ton.open(testChain());
});
beforeEach(async () => {
  for (const table of [epochs, epochLines, workerHours, workerBindings]) await stack.ctx.db.delete(table);
  ann = await newPerson(stack);
});
afterAll(async () => {
  await expectBooksRight(stack.ctx.pg);
  await stack[Symbol.asyncDispose]();
});

const overview = async ({ my }: TestPerson = ann) =>
  ContributorOverview.parse(await answerOf(() => my.machines.$get()));

interface TestMachine {
  readonly person?: TestPerson;
  readonly name?: string;
  readonly firstEpoch?: number | null;
  readonly earned?: bigint;
}

/** A machine with a record, paired two days ago. Returns its key. */
async function pairMachine({ person = ann, name = "Laptop", firstEpoch = null, earned = 0n }: TestMachine = {}) {
  const worker = (++names).toString(16).padStart(64, "0");
  const pairedAt = new Date(stack.ctx.clock() - 48 * HOUR_MS);
  await stack.ctx.db.insert(workers).values({ id: worker, name, version: "0.1.0" });
  await stack.ctx.db.insert(workerBindings).values({ worker, person: person.person.id, pairedAt });
  if (firstEpoch !== null) await stack.ctx.db.insert(creditTotals).values({ worker, asset: "coin", firstEpoch });
  if (earned > 0n) await credit(`worker:${worker}`, earned);
  return worker;
}

async function credit(owner: string, amount: bigint) {
  const { ledger } = stack.ctx;
  const from = await ledger.openAccount({ asset: "coin", kind: "chain_deposits", owner: "house" });
  const to = await ledger.openAccount({ asset: "coin", kind: "earner", owner });
  const move = moveOf({ from, to, amount, kind: "earned" });
  expect(await ledger.do(move)).toEqual(DONE);
  if (owner.startsWith("worker:")) await noteByHand(stack.ctx.pg, [move.key]);
}

async function bindWallet({ person }: TestPerson = ann): Promise<string> {
  const address = randomAddress().toRawString();
  await stack.ctx.db.insert(wallets).values({ person: person.id, address, payoutsFrom: new Date(0) });
  return address;
}

async function closeEpoch(number: number, state: EpochState = "active") {
  const closedAt = new Date(stack.ctx.clock() - HOUR_MS);
  const hash = Buffer.alloc(32, number);
  const facts = { root: hash, dataHash: hash, leaves: 1, total: 1n };
  await stack.ctx.db
    .insert(epochs)
    .values({ number, chainEpoch: number, upto: 0, recordedAt: closedAt, closedAt, ...facts, state });
}

test("somebody without a machine or wallet sees zeros and 48 empty hours", async () => {
  const seen = await overview();
  expect(seen).toMatchObject({ wallet: null, machines: [], stake: null, lines: [], claims: [], slashes: [] });
  expect(seen.earnings).toEqual({
    running: "0",
    held: "0",
    claimable: "0",
    claimableNow: "0",
    claimed: "0",
    stars: "0",
  });
  expect(seen.hours).toHaveLength(48);
  expect(seen.hours.every(({ earned, uptime }) => earned === "0" && uptime === 0)).toBe(true);
  expect(seen.epoch).toMatchObject({ number: 1, claimableAt: null });
});

test("without a session nothing is told", async () => {
  expect((await stack.app.request("/api/my/machines")).status).toBe(401);
});

describe("a machine's pay", () => {
  test("of a new machine waits, also what it was paid in the running epoch", async () => {
    const worker = await pairMachine({ firstEpoch: 1, earned: whole(5) });
    await closeEpoch(1);
    await stack.ctx.db.insert(epochLines).values({ epoch: 1, worker, earned: whole(3), released: 0n, held: whole(3) });
    const seen = await overview();
    expect(seen.machines).toMatchObject([{ worker, name: "Laptop", earning: String(whole(2)), heldUntilEpoch: 3 }]);
    expect(seen.earnings).toMatchObject({ running: "0", held: String(whole(5)) });
    expect(seen.lines).toMatchObject([{ epoch: 1, state: "active", worker, name: "Laptop", held: String(whole(3)) }]);
  });

  test("waits on, also after an epoch that did nothing for its machine", async () => {
    const worker = await pairMachine({ firstEpoch: 1, earned: whole(3) });
    await closeEpoch(1);
    await stack.ctx.db.insert(epochLines).values({ epoch: 1, worker, earned: whole(3), released: 0n, held: whole(3) });
    await closeEpoch(2);
    expect((await overview()).earnings).toMatchObject({ running: "0", held: String(whole(3)) });
  });

  test("is held back no more once the epoch that it waited for is closed", async () => {
    await pairMachine({ firstEpoch: 1, earned: whole(1) });
    await closeEpoch(3);
    const { machines, earnings } = await overview();
    expect(machines).toMatchObject([{ heldUntilEpoch: null, earning: String(whole(1)) }]);
    expect(earnings).toMatchObject({ running: String(whole(1)), held: "0" });
  });

  test("that went to the leaf can be claimed from when the root is active", async () => {
    const wallet = await bindWallet();
    const worker = await pairMachine();
    await closeEpoch(1, "proposed");
    await credit(`wallet:${wallet.slice(2)}`, whole(7));
    await stack.ctx.db.insert(epochLeaves).values({ wallet, cumulative: whole(9), epoch: 1 });
    await stack.ctx.db
      .insert(epochLines)
      .values({ epoch: 1, worker, wallet, earned: whole(7), released: whole(7), held: 0n });
    const seen = await overview();
    expect(seen.earnings).toMatchObject({ claimable: String(whole(7)), claimableNow: "0", held: "0" });
    expect(Date.parse(seen.epoch.claimableAt!)).toBeGreaterThan(seen.nowS * 1_000);
    await stack.ctx.db.update(epochs).set({ state: "active" });
    expect(await overview()).toMatchObject({
      epoch: { number: 2, claimableAt: null },
      earnings: { claimableNow: String(whole(7)) },
    });
  });

  test("that the open root holds can be claimed while the next epoch is on its way, and what was dropped cannot", async () => {
    const wallet = await bindWallet();
    const worker = await pairMachine();
    for (const [number, state] of [
      [1, "active"],
      [2, "dropped"],
      [3, "proposed"],
    ] as const) {
      await closeEpoch(number, state);
      await stack.ctx.db
        .insert(epochLines)
        .values({ epoch: number, worker, wallet, earned: whole(number), released: whole(number), held: 0n });
    }
    await credit(`wallet:${wallet.slice(2)}`, whole(6));
    expect((await overview()).earnings).toMatchObject({ claimable: String(whole(6)), claimableNow: String(whole(1)) });
  });

  test("that a closing has still to move takes nothing from what can be claimed, and is not listed as paid", async () => {
    const wallet = await bindWallet();
    const worker = await pairMachine();
    await closeEpoch(1, "active");
    await closeEpoch(2, "closing");
    await stack.ctx.db
      .insert(epochLines)
      .values({ epoch: 2, worker, wallet, earned: whole(5), released: whole(5), held: 0n, toMove: true });
    await credit(`wallet:${wallet.slice(2)}`, whole(1));
    expect(await overview()).toMatchObject({
      earnings: { claimable: String(whole(1)), claimableNow: String(whole(1)) },
      lines: [],
    });
  });
});

test("the stake is divided by the machines, and its account is known before it exists", async () => {
  const wallet = await bindWallet();
  await pairMachine();
  await pairMachine({ name: "Rack" });
  const { account } = (await overview()).stake!;
  expect((await overview()).stake).toMatchObject({ isDeployed: false, stake: "0", perMachine: "0", seenAt: null });
  const unbondAt = new Date(stack.ctx.clock() + HOUR_MS);
  const stake = { stake: whole(20), unbonding: whole(1), unbondAt, claimed: whole(4), seenAt: new Date() };
  await stack.ctx.db.insert(contributorStakes).values({ wallet, account, ...stake });
  const seen = await overview();
  expect(seen.stake).toMatchObject({
    account,
    isDeployed: true,
    perMachine: String(whole(10)),
    unbondAt: unbondAt.toISOString(),
  });
  expect(seen.earnings.claimed).toBe(String(whole(4)));
});

test("hours are added up over the machines, and those from before the pairing are left out", async () => {
  const [one, two] = [await pairMachine(), await pairMachine({ name: "Rack" })];
  const now = Math.floor(stack.ctx.clock() / HOUR_MS) * HOUR_MS;
  const hour = (ago: number) => new Date(now - ago * HOUR_MS);
  await stack.ctx.db.insert(workerHours).values([
    { worker: one, hour: hour(2), onlineS: 1_800, jobs: 3, failed: 1, tokens: 100, earned: 5n },
    { worker: two, hour: hour(2), onlineS: 900, jobs: 2, tokens: 50, earned: 7n },
    { worker: one, hour: hour(60), onlineS: 900, jobs: 9, tokens: 9, earned: 9n },
  ]);
  await stack.ctx.db.update(workerBindings).set({ pairedAt: hour(1) });
  expect((await overview()).hours.every(({ jobs }) => jobs === 0)).toBe(true);
  await stack.ctx.db.update(workerBindings).set({ pairedAt: hour(100) });
  const { hours } = await overview();
  expect(hours.at(-3)).toEqual({
    hour: hour(2).toISOString(),
    earned: "12",
    jobs: 5,
    failed: 1,
    tokens: 150,
    uptime: 0.5,
  });
  expect(hours.reduce((sum, { jobs }) => sum + jobs, 0)).toBe(5);
});

test("what machines earned in Stars is told apart, added up, and gone with whoever has the machine", async () => {
  const { ledger } = stack.ctx;
  const from = await ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const workers = [await pairMachine(), await pairMachine({ name: "Rack" })];
  for (const [at, worker] of workers.entries()) {
    const to = await ledger.openAccount({ asset: "stars", kind: "earner", owner: `worker:${worker}` });
    const move = moveOf({ from, to, amount: whole(at + 1), kind: "earned" });
    expect(await ledger.do(move)).toEqual(DONE);
    await noteByHand(stack.ctx.pg, [move.key]);
  }
  const { earnings, machines } = await overview();
  expect(earnings).toMatchObject({ stars: String(whole(3)), running: "0", held: "0" });
  expect(machines.map(({ earning }) => earning)).toEqual(["0", "0"]);
  const bob = await newPerson(stack);
  await stack.ctx.db
    .update(workerBindings)
    .set({ person: bob.person.id })
    .where(eq(workerBindings.worker, workers[1]!));
  expect((await overview()).earnings.stars).toBe(String(whole(1)));
  expect((await overview(bob)).earnings.stars).toBe(String(whole(2)));
});

/** As the chain's reader books one. @param leg  its place among the transaction's postings; null: it is not known */
async function claim(wallet: string, amount: bigint, leg: number | null) {
  const { ledger, db, ton } = stack.ctx;
  const { distributor, networkId } = ton.get();
  const place = { account: distributor.toRawString(), lt: BigInt(++names), hash: randomBytes(32) };
  const from = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `wallet:${wallet.slice(2)}` });
  const to = await ledger.openAccount({ asset: "coin", kind: "own", owner: "pool" });
  const key = leg === null ? randomUUID() : postingKey(networkId, place, leg);
  expect(await ledger.do(moveOf({ key, from, to, amount, kind: "claimed" }))).toEqual(DONE);
  const { account: address, ...rest } = place;
  const at = new Date(Date.UTC(2026, 10, 29, 0, names % 60));
  const facts = { role: "pool", kind: "claimed", delta: -amount, fees: 0n, at } as const;
  const ref = leg === null ? null : claimsOf(wallet.slice(2));
  await db.insert(chainTransactions).values({ address, ...rest, ...facts, ref });
  return { hash: place.hash.toString("hex"), at: at.toISOString() };
}

describe("claims", () => {
  test("are listed with their transactions, the newest first; one whose transaction is not known has none", async () => {
    const wallet = await bindWallet();
    await credit(`wallet:${wallet.slice(2)}`, whole(9));
    await claim(wallet, whole(1), null);
    const second = await claim(wallet, whole(2), 3);
    const third = await claim(wallet, whole(3), 4);
    expect((await overview()).claims).toEqual([
      { amount: String(whole(3)), at: third.at, transaction: third.hash },
      { amount: String(whole(2)), at: second.at, transaction: second.hash },
      { amount: String(whole(1)), at: expect.any(String), transaction: null },
    ]);
  });

  test("of another wallet are not shown, and no more than the newest twenty are", async () => {
    const wallet = await bindWallet();
    await credit(`wallet:${wallet.slice(2)}`, whole(1));
    const hashes: string[] = [];
    for (let claims = 0; claims < 21; claims++) hashes.unshift((await claim(wallet, 5n, 3)).hash);
    expect((await overview()).claims.map(({ transaction }) => transaction)).toEqual(hashes.slice(0, 20));
    const bob = await newPerson(stack);
    await bindWallet(bob);
    expect((await overview(bob)).claims).toEqual([]);
  });
});

const hourAgo = (ago: number) => new Date((Math.floor(stack.ctx.clock() / HOUR_MS) - ago) * HOUR_MS);

describe("a machine's day", () => {
  test("adds up its last 24 hours, and each reason why others got jobs, the most frequent first", async () => {
    const [worker, other] = [await pairMachine(), await pairMachine({ name: "Rack" })];
    const counts = { jobs: 2, failed: 1, earned: 5n, onlineS: 3_600 };
    await stack.ctx.db.insert(workerHours).values([
      { worker, hour: hourAgo(0), skipped: { slow: 2, unstaked: 9 }, ...counts, onlineS: 0 },
      { worker, hour: hourAgo(1), skipped: { slow: 3, from_a_later_version: 4 }, ...counts },
      { worker, hour: hourAgo(23), skipped: { slow: 10 }, ...counts },
      { worker, hour: hourAgo(24), skipped: { price: 99 }, ...counts },
      { worker: other, hour: hourAgo(1), skipped: { no_demand: 6 }, ...counts },
    ]);
    const [one, two] = (await overview()).machines;
    expect(one!.day).toMatchObject({ jobs: 6, failed: 3, earned: "15" });
    expect(one!.day.skipped).toEqual([
      { why: "slow", count: 15 },
      { why: "unstaked", count: 9 },
    ]);
    // Two hours of the 23 to 24 that it is about.
    expect([0.08, 0.09]).toContain(one!.day.uptime);
    expect(two!.day).toMatchObject({ jobs: 2, skipped: [{ why: "no_demand", count: 6 }] });
  });

  test("of one that was never there is empty, and of one that was paired lately begins then", async () => {
    const [away, young] = [await pairMachine(), await pairMachine({ name: "Rack" })];
    await stack.ctx.db
      .update(workerBindings)
      .set({ pairedAt: hourAgo(1) })
      .where(eq(workerBindings.worker, young));
    const hours = [1, 2].map((ago) => ({ worker: young, hour: hourAgo(ago), onlineS: 3_600, jobs: 1 }));
    await stack.ctx.db.insert(workerHours).values([...hours, { worker: young, hour: hourAgo(0), onlineS: 3_600 }]);
    const days = new Map((await overview()).machines.map((machine) => [machine.worker, machine.day]));
    expect(days.get(away)).toEqual({ uptime: 0, jobs: 0, failed: 0, earned: "0", skipped: [] });
    expect(days.get(young)).toMatchObject({ uptime: 1, jobs: 1 });
  });
});

test("slash proposals are shown with their reasons once the chain shows them", async () => {
  const wallet = await bindWallet();
  const id = randomUUID();
  await stack.ctx.db
    .insert(slashProposals)
    .values({ id, wallet, amount: whole(2), reason: "Two of ten answers were copied.", evidence: "{}" });
  expect((await overview()).slashes).toEqual([]);
  await stack.ctx.db.update(slashProposals).set({ shownAt: new Date() }).where(eq(slashProposals.id, id));
  const hash = createHash("sha256").update("{}").digest("hex");
  expect((await overview()).slashes).toMatchObject([
    { id, amount: String(whole(2)), state: "proposed", disputedUntil: null, evidenceHash: hash },
  ]);
});

const evidenceOf = (id: string, { my }: TestPerson = ann) =>
  answerOf(() => my.slashes[":id"].evidence.$get({ param: { id } }));

describe("a slash's evidence", () => {
  const evidence = JSON.stringify({ wallet: "0:aä", jobs: [{ job: "1", end: "stalled" }] });
  const disputedUntil = new Date(Date.UTC(2026, 11, 7));
  async function proposed() {
    const wallet = await bindWallet();
    const account = randomAddress().toRawString();
    const stake = { stake: whole(9), disputed: whole(2), disputedUntil, seenAt: new Date() };
    await stack.ctx.db.insert(contributorStakes).values({ wallet, account, ...stake });
    const slash = { wallet, amount: whole(2), reason: "Copied.", evidence, shownAt: new Date() };
    const [row] = await stack.ctx.db.insert(slashProposals).values(slash).returning();
    return row!.id;
  }

  test("is the very text that the hash on the chain is of, and until when it can be answered stands beside it", async () => {
    const id = await proposed();
    const hash = createHash("sha256").update(evidence).digest("hex");
    expect(SlashEvidence.parse(await evidenceOf(id))).toEqual({ text: evidence, hash });
    expect((await overview()).slashes).toMatchObject([
      { id, disputedUntil: disputedUntil.toISOString(), evidenceHash: hash },
    ]);
    await stack.ctx.db.update(slashProposals).set({ state: "cancelled", endedAt: new Date() });
    expect((await overview()).slashes).toMatchObject([{ id, disputedUntil: null, evidenceHash: hash }]);
  });

  test("is shown to whoever had the wallet last, also where they have another by now, and to nobody whose binding was cancelled", async () => {
    const id = await proposed();
    const bens = await newPerson(stack);
    const [{ address } = { address: "" }] = await stack.ctx.db
      .update(wallets)
      .set({ state: "replaced", boundAt: new Date(Date.now() - 1_000) })
      .where(eq(wallets.person, ann.person.id))
      .returning();
    await bindWallet();
    expect((await overview()).slashes).toMatchObject([{ id }]);
    expect(SlashEvidence.parse(await evidenceOf(id)).text).toBe(evidence);
    const binding = { person: bens.person.id, address, payoutsFrom: new Date() };
    await stack.ctx.db.insert(wallets).values({ ...binding, state: "cancelled" });
    await expect(evidenceOf(id, bens)).rejects.toMatchObject({ status: 404 });
    await stack.ctx.db.insert(wallets).values(binding);
    expect((await overview(bens)).slashes).toMatchObject([{ id }]);
    expect((await overview()).slashes).toEqual([]);
    await expect(evidenceOf(id)).rejects.toMatchObject({ status: 404 });
  });

  test("is shown to nobody else, and to nobody before the chain shows the proposal", async () => {
    const id = await proposed();
    await expect(evidenceOf(id, await newPerson(stack))).rejects.toMatchObject({ status: 404 });
    await expect(evidenceOf(randomUUID())).rejects.toMatchObject({ status: 404 });
    await stack.ctx.db.update(slashProposals).set({ shownAt: null });
    await expect(evidenceOf(id)).rejects.toMatchObject({ status: 404 });
  });
});

test("nobody sees anything of somebody else's", async () => {
  const wallet = await bindWallet();
  const worker = await pairMachine({ earned: whole(1) });
  await closeEpoch(1);
  await stack.ctx.db.insert(epochLines).values({ epoch: 1, worker, wallet, earned: 1n, released: 1n, held: 0n });
  await stack.ctx.db
    .insert(slashProposals)
    .values({ wallet, amount: 1n, reason: "A reason.", evidence: "{}", shownAt: new Date() });
  const bob = await newPerson(stack);
  // The machine is Bob's now: what it brought Ann stays hers.
  await stack.ctx.db.update(workerBindings).set({ person: bob.person.id }).where(eq(workerBindings.worker, worker));
  expect(await overview(bob)).toMatchObject({ machines: [{ worker }], lines: [], slashes: [], wallet: null });
  expect(await overview()).toMatchObject({ machines: [], lines: [{ worker }], slashes: [{ amount: "1" }] });
});

test("a machine that is connected is online, another says since when it is not", async () => {
  const worker = await pairMachine();
  expect((await overview()).machines).toMatchObject([{ online: false, why: ["offline"], models: [] }]);
  const leave = stack.join("qwen2.5-coder-1.5b", 50, worker);
  expect((await overview()).machines).toMatchObject([{ online: true, models: ["qwen2.5-coder-1.5b"] }]);
  leave();
});

const writeNote = (worker: string | null, words = "It was in repair.") =>
  answerOf(() => ann.my.appeals.$post({ json: { worker, words } }));

describe("a word to the operator", () => {
  test("is stored with the machine that it is about", async () => {
    const worker = await pairMachine();
    await writeNote(worker);
    await writeNote(null, "About the slash.");
    const stored = await stack.ctx.db.select().from(appeals).where(eq(appeals.person, ann.person.id));
    expect(stored.map(({ worker, words }) => [worker, words])).toEqual([
      [worker, "It was in repair."],
      [null, "About the slash."],
    ]);
  });

  test("cannot be about somebody else's machine, nor be an eleventh", async () => {
    const worker = await pairMachine({ person: await newPerson(stack) });
    await expect(writeNote(worker)).rejects.toMatchObject({ status: 404 });
    for (let written = 0; written < 10; written++) await writeNote(null);
    await expect(writeNote(null)).rejects.toMatchObject({ code: "cap_reached" });
  });

  test("is one of ten also where many are sent at one moment", async () => {
    const sent = await Promise.allSettled(Array.from({ length: 40 }, () => writeNote(null)));
    expect(sent.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
  });
});
