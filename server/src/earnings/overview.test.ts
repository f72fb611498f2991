/** What a contributor sees of their machines, through the app's route. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ContributorOverview } from "@starai/protocol/contributor";
import { answerOf } from "../client.ts";
import {
  appeals,
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
  expect(seen).toMatchObject({ wallet: null, machines: [], stake: null, lines: [], slashes: [] });
  expect(seen.earnings).toEqual({ running: "0", held: "0", claimable: "0", claimableNow: "0", claimed: "0" });
  expect(seen.hours).toHaveLength(48);
  expect(seen.hours.every(({ earned, uptime }) => earned === "0" && uptime === 0)).toBe(true);
  expect(seen.epoch).toMatchObject({ number: 1, claimableAt: null });
});

test("without a session nothing is told", async () => {
  expect((await stack.app.request("/api/my/machines")).status).toBe(401);
});

describe("a machine's pay", () => {
  test("of a new machine is divided into what waits and what it was paid in the running epoch", async () => {
    const worker = await pairMachine({ firstEpoch: 1, earned: whole(5) });
    await closeEpoch(1);
    await stack.ctx.db.insert(epochLines).values({ epoch: 1, worker, earned: whole(3), released: 0n, held: whole(3) });
    const seen = await overview();
    expect(seen.machines).toMatchObject([{ worker, name: "Laptop", earning: String(whole(2)), heldUntilEpoch: 3 }]);
    expect(seen.earnings).toMatchObject({ running: String(whole(2)), held: String(whole(3)) });
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
    expect((await overview()).machines).toMatchObject([{ heldUntilEpoch: null, earning: String(whole(1)) }]);
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
    expect(Date.parse(seen.epoch.claimableAt!)).toBeGreaterThan(stack.ctx.clock());
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

test("slash proposals are shown with their reasons once the chain shows them", async () => {
  const wallet = await bindWallet();
  const id = randomUUID();
  await stack.ctx.db
    .insert(slashProposals)
    .values({ id, wallet, amount: whole(2), reason: "Two of ten answers were copied.", evidence: "{}" });
  expect((await overview()).slashes).toEqual([]);
  await stack.ctx.db.update(slashProposals).set({ shownAt: new Date() }).where(eq(slashProposals.id, id));
  expect((await overview()).slashes).toMatchObject([{ id, amount: String(whole(2)), state: "proposed" }]);
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
});
