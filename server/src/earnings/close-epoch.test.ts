/** An epoch's closing over a real database: who is paid what, and that it happens once, wherever it breaks off. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { RewardTree } from "@starai/contracts/merkle";
import { readLeafFile } from "@starai/contracts/offchain/leaf-file";
import { createContext } from "../create-context.ts";
import { wallets, workerHours, workers as workersSeen } from "../db/schema.ts";
import { connect } from "../db/open-database.ts";
import { noteByHand } from "../testing/credit-notes.ts";
import { COIN, openTestEpochs } from "../testing/epochs.ts";
import type { TestEpochs } from "../testing/epochs.ts";
import { captureOf, holdOf, DONE } from "../testing/ledger.ts";
import { closeEpoch } from "./close-epoch.ts";
import { readEpochFile } from "./epoch-file.ts";
import { runningEpoch } from "./running-epoch.ts";

let house: TestEpochs;
beforeEach(async () => {
  house = await openTestEpochs();
});
afterEach(async () => {
  await house.expectSound();
  await house[Symbol.asyncDispose]();
});

const hashOf = (wallet: string) => `wallet:${wallet.slice(2)}`;

interface Line {
  worker: string;
  wallet: string | null;
  earned: bigint;
  availability: bigint;
  released: bigint;
  held: bigint;
}
async function lines(epoch: number): Promise<Line[]> {
  const rows = await house.rows<Record<keyof Line, string>>(
    "select worker, wallet, earned::text, availability::text, released::text, held::text from epoch_lines where epoch = $1",
    epoch,
  );
  return rows.map(({ worker, wallet, ...amounts }) => ({
    worker,
    wallet,
    ...(Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, BigInt(amount)])) as Omit<
      Line,
      "worker" | "wallet"
    >),
  }));
}

test("what workers earned goes to their owners' leaves, once an epoch's time is over", async () => {
  const { worker, owner } = await house.worker();
  const second = await house.worker({ of: owner });
  await house.earn(worker, 3n * COIN);
  await house.earn(second.worker, COIN);
  expect(await house.close()).toBe("early");
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: 4n * COIN });
  expect(await house.balance("earner", hashOf(owner.address))).toBe(4n * COIN);
  expect(await house.balance("earner", `worker:${worker}`)).toBe(0n);
  expect(await house.leaf(owner.address)).toBe(4n * COIN);
  expect(await lines(1)).toContainEqual({
    worker,
    wallet: owner.address,
    earned: 3n * COIN,
    availability: 0n,
    released: 3n * COIN,
    held: 0n,
  });
});

test("the file names every leaf, and its tree has the stored root", async () => {
  const { worker, owner } = await house.worker();
  await house.earn(worker, 7n);
  house.aDayLater();
  await house.close();
  await house.open();
  const file = await readLeafFile(readEpochFile(house.ctx.db, 1));
  expect([file.epoch, file.total, file.distributor]).toEqual([1, 7n, house.ctx.ton.get().distributor.toRawString()]);
  const { last } = await runningEpoch(house.ctx.db);
  expect(last!.dataHash).toEqual(file.dataHash);
  const tree = new RewardTree(file.leaves);
  expect(last!.root).toEqual(Buffer.from(tree.root));
  expect(tree.amountOf(Buffer.from(owner.address.slice(2), "hex"))).toBe(7n);
});

test("a leaf only grows, and an epoch without earnings keeps its number", async () => {
  const { worker, owner } = await house.worker();
  await house.earn(worker, COIN);
  house.aDayLater();
  await house.close();
  expect(await house.close()).toBe("on_its_way");
  await house.open();
  expect(await house.close()).toBe("early");
  house.aDayLater();
  expect(await house.close()).toBe("nothing");
  await house.earn(worker, 2n * COIN);
  expect(await house.close()).toEqual({ number: 2, released: 2n * COIN });
  expect(await house.leaf(owner.address)).toBe(3n * COIN);
});

test("a worker that is nobody's, or whose owner has no wallet or has just changed it, waits", async () => {
  const { worker } = await house.worker();
  await house.ctx.db.delete(wallets);
  const changed = await house.worker();
  const later = new Date(house.time.now + 3 * 86_400_000);
  await house.ctx.pg.query("update wallets set replaces = gen_random_uuid(), payouts_from = $1", [later]);
  const sound = await house.worker();
  for (const one of ["nobodys", worker, changed.worker, sound.worker]) await house.earn(one, COIN);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: COIN });
  for (const one of ["nobodys", worker, changed.worker])
    expect(await lines(1)).toContainEqual({
      worker: one,
      wallet: null,
      earned: COIN,
      availability: 0n,
      released: 0n,
      held: COIN,
    });
  await house.open();
  house.time.now = later.getTime();
  expect(await house.close()).toEqual({ number: 2, released: COIN });
  // What happened before is not told again.
  expect(await lines(2)).toMatchObject([{ worker: changed.worker, earned: 0n, released: COIN, held: 0n }]);
});

test("a new worker's pay waits until its first epoch and the next one are closed, then all of it goes", async () => {
  const young = await house.worker({ isNew: true });
  const old = await house.worker();
  const released: unknown[] = [];
  for (let epoch = 1; epoch <= 4; epoch++) {
    for (const { worker } of [young, old]) await house.earn(worker, COIN);
    house.aDayLater();
    released.push(await house.close());
    await house.open();
  }
  expect(released).toEqual([1n, 1n, 4n, 2n].map((coins, at) => ({ number: at + 1, released: coins * COIN })));
  expect(await house.leaf(young.owner.address)).toBe(4n * COIN);
});

test("where all machines are new epochs are closed all the same, without a root, until their pay is released", async () => {
  const { worker, owner } = await house.worker({ isNew: true });
  const second = await house.worker({ isNew: true });
  await house.earn(worker, COIN);
  await house.earn(second.worker, 2n * COIN);
  for (const number of [1, 2]) {
    house.aDayLater();
    expect(await house.close()).toEqual({ number, released: 0n });
    const { last, published } = await runningEpoch(house.ctx.db);
    expect(last).toMatchObject({ number, state: "active", root: null, chainEpoch: 0 });
    expect(published).toBeNull();
  }
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 3, released: 3n * COIN });
  await house.open();
  // The distributor knows of one.
  expect((await runningEpoch(house.ctx.db)).published).toMatchObject({ number: 3, chainEpoch: 1 });
  expect(await house.leaf(owner.address)).toBe(COIN);
  house.aDayLater();
  expect(await house.close()).toBe("nothing");
});

test("a machine that is banned while its pay waits loses it to refunds; one whose pay does not wait is paid", async () => {
  const young = await house.worker({ isNew: true });
  const old = await house.worker();
  for (const { worker } of [young, old]) {
    await house.earn(worker, COIN);
    await house.ctx.db.insert(workersSeen).values({ id: worker, name: "m", version: "", bannedAt: new Date() });
  }
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: COIN });
  expect(await house.balance("refunds", "house")).toBe(COIN);
  expect(await house.balance("earner", `worker:${young.worker}`)).toBe(0n);
  expect([await house.leaf(young.owner.address), await house.leaf(old.owner.address)]).toEqual([0n, COIN]);
  expect((await lines(1)).find(({ worker }) => worker === young.worker)).toMatchObject({ released: 0n, held: 0n });
  await house.open();
  house.aDayLater();
  expect(await house.close()).toBe("nothing");
});

const ban = (worker: string, bannedAt: Date) =>
  house.ctx.db.insert(workersSeen).values({ id: worker, name: "m", version: "", bannedAt });

/** Part of an answer that is under way; returns how it ends well. */
async function answerUnderWay(worker: string, amount: bigint): Promise<() => Promise<void>> {
  const { ledger } = house.ctx;
  const person = await house.newPerson(2n * amount);
  const account = await ledger.openAccount({ asset: "coin", kind: "person", owner: `person:${person.id}` });
  const to = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `worker:${worker}` });
  const hold = holdOf({ account, amount: 2n * amount });
  expect(await ledger.do(hold)).toEqual(DONE);
  const capture = captureOf({ hold: hold.id, legs: [{ to, amount, kind: "earned" }] });
  expect(await ledger.do(capture)).toEqual(DONE);
  await noteByHand(house.ctx.pg, [capture.key]);
  return async () => expect(await ledger.do({ verb: "release", hold: hold.id })).toEqual(DONE);
}

test("what an answer under way leaves free only after a banned machine's time of waiting is lost, too", async () => {
  const young = await house.worker({ isNew: true });
  await house.earn(young.worker, COIN);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: 0n });
  const ends = await answerUnderWay(young.worker, 2n * COIN);
  await ban(young.worker, new Date(house.time.now + 1));
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 2, released: 0n });
  expect(await house.balance("refunds", "house")).toBe(COIN);
  await ends();
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 3, released: 0n });
  expect(await house.balance("refunds", "house")).toBe(3n * COIN);
  expect(await house.balance("earner", `worker:${young.worker}`)).toBe(0n);
  expect(await house.leaf(young.owner.address)).toBe(0n);
  house.aDayLater();
  expect(await house.close()).toBe("nothing");
});

test("a ban takes nothing of a machine whose time of waiting was over when it fell, and nothing once it is taken back", async () => {
  const [late, pardoned] = [await house.worker({ isNew: true }), await house.worker({ isNew: true })];
  for (const { worker } of [late, pardoned]) await house.earn(worker, COIN);
  await ban(pardoned.worker, new Date(house.time.now));
  await house.ctx.db.update(workersSeen).set({ bannedAt: null });
  for (const number of [1, 2]) {
    house.aDayLater();
    expect(await house.close()).toEqual({ number, released: 0n });
  }
  await ban(late.worker, new Date(house.time.now + 1));
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 3, released: 2n * COIN });
  expect(await house.balance("refunds", "house")).toBe(0n);
});

test("what a new machine gets for being there waits too, though it was never paid for a job", async () => {
  const { worker, owner } = await house.worker({ stake: 5n * COIN, isNew: true });
  await house.give("availability", "house", COIN, "slow");
  const hour = new Date(house.time.now + 3_600_000);
  await house.ctx.db.insert(workerHours).values({ worker, hour, onlineS: 3_600, jobs: 1 });
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: 0n });
  expect(await house.leaf(owner.address)).toBe(0n);
  expect(await lines(1)).toMatchObject([{ worker, availability: COIN, held: COIN }]);
});

test("what an answer under way may still take back stays with the worker", async () => {
  const { ledger } = house.ctx;
  const { worker, owner } = await house.worker();
  await house.earn(worker, COIN);
  const person = await house.newPerson(5n * COIN);
  const account = await ledger.openAccount({ asset: "coin", kind: "person", owner: `person:${person.id}` });
  const to = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `worker:${worker}` });
  const hold = holdOf({ account, amount: 3n * COIN });
  expect(await ledger.do(hold)).toEqual(DONE);
  const capture = captureOf({ hold: hold.id, legs: [{ to, amount: 2n * COIN, kind: "earned" }] });
  expect(await ledger.do(capture)).toEqual(DONE);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: COIN });
  const key = "10000000-0000-4000-8000-000000000000";
  expect(await ledger.do({ verb: "reverse", key, of: capture.key })).toEqual(DONE);
  expect(await house.balance("earner", `worker:${worker}`)).toBe(0n);
  expect(await house.leaf(owner.address)).toBe(COIN);
  expect(await ledger.do({ verb: "release", hold: hold.id })).toEqual(DONE);
});

test("no more is released than the chain lets a root grow by; the rest comes with the next one", async () => {
  const [small, large] = [await house.worker(), await house.worker()];
  await house.earn(small.worker, COIN);
  await house.earn(large.worker, 10n * COIN);
  house.aDayLater();
  expect(await house.close({}, { epochCap: 4n * COIN })).toEqual({ number: 1, released: 4n * COIN });
  expect(await house.leaf(small.owner.address)).toBe(COIN);
  await house.open();
  house.aDayLater();
  expect(await house.close({}, { epochCap: 40n * COIN })).toEqual({ number: 2, released: 7n * COIN });
  expect(await house.leaf(large.owner.address)).toBe(10n * COIN);
});

test("while another root is pending at the distributor no epoch is closed", async () => {
  const { worker } = await house.worker();
  await house.earn(worker, COIN);
  house.aDayLater();
  const pending = { root: 1n, totalCum: 1n, activeAt: 0, dataHash: 1n };
  expect(await house.close({}, { pending })).toBe("another_root");
});

test("nothing is closed by the word of an endpoint that does not know the last epoch yet", async () => {
  const { worker } = await house.worker();
  await house.earn(worker, COIN);
  house.aDayLater();
  await house.close();
  await house.open();
  await house.earn(worker, COIN);
  house.aDayLater();
  expect(await house.close({}, { epoch: 0 })).toBe("behind");
  expect(await house.close()).toEqual({ number: 2, released: COIN });
});

test("leaves of a dropped epoch are proposed anew at the operator's word, and with the next closing by itself", async () => {
  const { worker, owner } = await house.worker();
  await house.earn(worker, COIN);
  house.aDayLater();
  await house.close();
  await house.ctx.pg.query("update epochs set state = 'dropped'");
  expect(await house.close()).toBe("early");
  house.aDayLater();
  expect(await house.close()).toBe("nothing");
  expect(await house.close({ again: true })).toEqual({ number: 2, released: 0n });
  await house.open();
  const file = await readLeafFile(readEpochFile(house.ctx.db, 2));
  // The distributor's number has no gap.
  expect([file.epoch, file.total]).toEqual([1, COIN]);
  expect(await house.leaf(owner.address)).toBe(COIN);
  expect(await house.close({ again: true })).toBe("early");
});

test("leaves of a dropped epoch are proposed anew with a closing that releases nothing, too", async () => {
  const [old, young] = [await house.worker(), await house.worker({ isNew: true })];
  await house.earn(old.worker, COIN);
  house.aDayLater();
  await house.close();
  await house.ctx.pg.query("update epochs set state = 'dropped'");
  await house.earn(young.worker, COIN);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 2, released: 0n });
  expect((await runningEpoch(house.ctx.db)).published).toMatchObject({ number: 2, state: "closed", total: COIN });
});

test("two processes that close one epoch close it once", async () => {
  const { worker, owner } = await house.worker();
  await house.earn(worker, COIN);
  house.aDayLater();
  const { ctx, seen } = house;
  const { host, port, user, password, database } = ctx.pg.options;
  const opened = connect({ host, port, user, password, database }, ctx.log, async () => undefined);
  const other = createContext({ config: ctx.config, log: ctx.log, ...opened });
  const both = [ctx, { pg: other.pg, clock: ctx.clock }];
  const outcomes = await Promise.all(both.map(async (one) => closeEpoch(one, await seen())));
  expect(outcomes).toContainEqual({ number: 1, released: COIN });
  expect(outcomes).toContain("on_its_way");
  expect(await house.leaf(owner.address)).toBe(COIN);
  await other.ledger[Symbol.asyncDispose]();
  await opened.close();
});

test("a part of the fees, and all that slow answers did not earn, goes to staked machines for being there", async () => {
  const { worker, owner } = await house.worker({ stake: 5n * COIN });
  const twice = await house.worker({ stake: 10n * COIN });
  const poor = await house.worker({ stake: COIN });
  await house.give("fees", "house", 100n * COIN, "fee");
  await house.give("availability", "house", 3n * COIN, "slow");
  const hour = (hours: number) => new Date(house.time.now + hours * 3_600_000);
  const there = [worker, twice.worker, poor.worker].flatMap((one) => [
    { worker: one, hour: hour(1), onlineS: 3_600, jobs: 1 },
    // Without an answer an hour does not count; nor does one that is not over.
    { worker: one, hour: hour(2), onlineS: 3_600, jobs: 0 },
    { worker: one, hour: hour(24), onlineS: 3_600, jobs: one === worker ? 9 : 0 },
  ]);
  await house.ctx.db.insert(workerHours).values(there);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: 18n * COIN });
  expect(await house.leaf(owner.address)).toBe(6n * COIN);
  expect(await house.leaf(twice.owner.address)).toBe(12n * COIN);
  expect(await house.leaf(poor.owner.address)).toBe(0n);
  expect(await house.balance("fees", "house")).toBe(85n * COIN);
  expect(await lines(1)).toContainEqual({
    worker,
    wallet: owner.address,
    earned: 0n,
    availability: 6n * COIN,
    released: 6n * COIN,
    held: 0n,
  });
  // Fees are shared once; the hour that was under way counts now.
  await house.open();
  await house.give("fees", "house", 20n * COIN, "fee");
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 2, released: 3n * COIN });
  expect(await house.leaf(owner.address)).toBe(9n * COIN);
});

test("where nobody was there what is to be shared stays where it is", async () => {
  const { worker } = await house.worker({ stake: 5n * COIN });
  await house.give("fees", "house", 10n * COIN, "fee");
  await house.give("availability", "house", COIN, "slow");
  await house.earn(worker, COIN);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 1, released: COIN });
  expect([await house.balance("fees", "house"), await house.balance("availability", "house")]).toEqual([
    10n * COIN,
    COIN,
  ]);
});
