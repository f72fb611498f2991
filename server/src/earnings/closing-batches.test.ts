/** An epoch's closing broken off and gone on with: it ends in the same books and the same file, and answers go on meanwhile. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as fc from "fast-check";
import { writeLeafFile } from "@starai/contracts/offchain/leaf-file";
import { readSolvency } from "../chain/solvency.ts";
import { createContext } from "../create-context.ts";
import { workerHours, workers as workersSeen } from "../db/schema.ts";
import { connect } from "../db/open-database.ts";
import type { ClosingChildSetup } from "../testing/closing-child.ts";
import { Crash, CrashingPool } from "../testing/crashing-pool.ts";
import { COIN, openTestEpochs } from "../testing/epochs.ts";
import type { TestEpochs } from "../testing/epochs.ts";
import { captureOf, holdOf, moveOf, DONE } from "../testing/ledger.ts";
import { operatorOver } from "../testing/operator.ts";
import { closeEpoch } from "./close-epoch.ts";
import { writeEpochFile } from "./epoch-file.ts";
import { runningEpoch } from "./running-epoch.ts";

const CHILD = path.join(import.meta.dirname, "../testing/closing-child.ts");

let house: TestEpochs;
beforeEach(async () => {
  house = await openTestEpochs();
});
afterEach(async () => {
  await house.expectSound();
  await house[Symbol.asyncDispose]();
});

type Machine = Awaited<ReturnType<TestEpochs["worker"]>>;

const leafAccount = (wallet: string) => `wallet:${wallet.slice(2)}`;
const stateOf = async () => (await runningEpoch(house.ctx.db)).last!.state;
const toMove = async () =>
  (await house.rows<{ worker: string }>("select worker from epoch_lines where to_move order by worker")).map(
    ({ worker }) => worker,
  );

/** Drizzle wraps what a connection throws. */
function crashOnly(error: Error): void {
  if (!((error.cause ?? error) instanceof Crash)) throw error;
}

/** Closes until so many batches of one line are moved. */
async function closeUntil({ batches }: { batches: number }): Promise<void> {
  let looked = 0;
  const throwIfAborted = () => {
    if (looked++ === batches) throw new Crash("stopped");
  };
  const signal = Object.assign(new AbortController().signal, { throwIfAborted });
  const closing = closeEpoch(house.ctx, await house.seen(), { linesAtOnce: 1, signal });
  await expect(closing).rejects.toThrow("stopped");
}

/** In the order in which their lines are moved. */
async function machines(count: number): Promise<Machine[]> {
  const made: Machine[] = [];
  for (let nth = 0; nth < count; nth++) made.push(await house.worker());
  return made.toSorted((a, b) => (a.worker < b.worker ? -1 : 1));
}

/** What the file says where every wallet has this in its leaf. */
function hashOfFile(leaves: ReadonlyMap<string, bigint>, epoch: number): Buffer {
  const sorted = [...leaves].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const keys = Buffer.concat(sorted.map(([wallet]) => Buffer.from(wallet.slice(2), "hex")));
  const amounts = BigUint64Array.from(sorted.map(([, amount]) => amount));
  const { networkId: network, distributor } = house.home;
  const hash = createHash("sha256");
  for (const part of writeLeafFile({ network, distributor, epoch }, { keys, amounts })) hash.update(part);
  return hash.digest();
}

async function openSecondProcess() {
  const { ctx } = house;
  const { host, port, user, password, database } = ctx.pg.options;
  const opened = connect({ host, port, user, password, database }, ctx.log, async () => undefined);
  const other = createContext({ config: ctx.config, log: ctx.log, ...opened });
  return {
    ctx: { ...other, clock: ctx.clock },
    [Symbol.asyncDispose]: async () => {
      await other.ledger[Symbol.asyncDispose]();
      await opened.close();
    },
  };
}

test("under crashes between any two statements a second process ends in the same file, every line moved once", async () => {
  const Amount = fc.bigInt({ min: 1n, max: 5n * COIN });
  const crashing = new CrashingPool(house.ctx.pg);
  const ctx = { ...house.ctx, pg: crashing.pool };
  await using second = await openSecondProcess();
  const machinesOf = [await house.worker(), await house.worker({ stake: 9n * COIN }), await house.worker()];
  const earned = new Map<string, bigint>();
  await fc.assert(
    fc.asyncProperty(fc.tuple(Amount, Amount, Amount), fc.nat({ max: 60 }), async (amounts, after) => {
      for (const [at, { worker, owner }] of machinesOf.entries()) {
        await house.earn(worker, amounts[at]!);
        earned.set(owner.address, (earned.get(owner.address) ?? 0n) + amounts[at]!);
      }
      house.aDayLater();
      const before = (await runningEpoch(house.ctx.db)).number;
      [crashing.after, crashing.seen] = [after, 0];
      const seen = await house.seen({ epochCap: 10n ** 18n });
      await closeEpoch(ctx, seen, { linesAtOnce: 2 }).catch(crashOnly);
      await closeEpoch(second.ctx, seen, { linesAtOnce: 1 });
      [crashing.after, crashing.seen] = [after % 8, 0];
      const { last } = await runningEpoch(house.ctx.db);
      await writeEpochFile(ctx, last!, house.home).catch(crashOnly);
      crashing.after = null;
      await house.open();
      const closed = await runningEpoch(house.ctx.db);
      expect(closed.number).toBe(before + 1);
      expect(closed.last!.dataHash).toEqual(hashOfFile(earned, before));
      for (const [wallet, amount] of earned) expect(await house.balance("earner", leafAccount(wallet))).toBe(amount);
    }),
    { numRuns: 40 },
  );
}, 120_000);

/** Kills it once so many lines are moved. */
async function closeAndKill(moved: number): Promise<void> {
  const { host, port, user, password, database } = house.ctx.pg.options;
  const { nowS, epoch, epochSeconds } = await house.seen();
  const setup = { connection: { host, port, user, password, database }, nowS, epoch, epochSeconds };
  const asked = ["--import", "tsx", CHILD, JSON.stringify(setup satisfies ClosingChildSetup)];
  const child = spawn(process.execPath, asked, { stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(child, "close");
  const isThere = async () => {
    const [row] = await house.rows<{ moved: number; all: number }>(
      "select count(*) filter (where not to_move)::int as moved, count(*)::int as all from epoch_lines",
    );
    return row!.all > 0 && row!.moved >= moved;
  };
  while (!(await isThere())) await setTimeout(1);
  child.kill("SIGKILL");
  await ended;
}

test.runIf(process.env["LONG_TESTS"] === "1").each([0, 3, 17, 30])(
  "a process killed with %i of forty lines moved leaves the rest to the next one",
  async (moved) => {
    const earned = new Map<string, bigint>();
    for (const [at, { worker, owner }] of (await machines(40)).entries()) {
      await house.earn(worker, BigInt(at + 1));
      earned.set(owner.address, BigInt(at + 1));
    }
    house.aDayLater();
    await closeAndKill(moved);
    expect(await stateOf()).toBe("closing");
    await house.expectSound();
    expect(await house.close()).toEqual({ number: 1, released: 820n });
    await house.open();
    expect((await runningEpoch(house.ctx.db)).last!.dataHash).toEqual(hashOfFile(earned, 1));
  },
  120_000,
);

test("an operator finishes what a killed process left of a closing, without a chain and without a server", async () => {
  const operator = operatorOver(house.ctx);
  const earned = new Map<string, bigint>();
  for (const [at, { worker, owner }] of (await machines(40)).entries()) {
    await house.earn(worker, BigInt(at + 1));
    earned.set(owner.address, BigInt(at + 1));
  }
  house.aDayLater();
  await closeAndKill(3);
  expect(await stateOf()).toBe("closing");
  expect(await operator("epochs", "propose")).toContain("Say why");
  expect([await stateOf(), (await toMove()).length > 0]).toEqual(["closing", true]);
  expect(await operator("epochs", "propose", "--why", "the server is gone")).toBe(
    "The closing of epoch 1 had broken off: what was left of it is moved now. A server with the publisher's key proposes its root.",
  );
  expect([await stateOf(), await toMove()]).toEqual(["closed", []]);
  for (const [wallet, amount] of earned) expect(await house.leaf(wallet)).toBe(amount);
  expect(await operator("acts")).toMatch(/anna: epochs propose .*"epoch":1.*\n +because: the server is gone/);
  // What is done is not done again: the next word is for the chain.
  expect(await operator("epochs", "propose", "--why", "once more")).toContain("TON network");
  await house.open();
  expect((await runningEpoch(house.ctx.db)).last!.dataHash).toEqual(hashOfFile(earned, 1));
}, 60_000);

test("an operator and a server that finish one closing at once move each line once", async () => {
  const made = await machines(6);
  for (const { worker } of made) await house.earn(worker, COIN);
  house.aDayLater();
  await closeUntil({ batches: 1 });
  const operator = operatorOver(house.ctx);
  await Promise.all([
    operator("epochs", "propose", "--why", "it broke off"),
    closeEpoch(house.ctx, await house.seen(), { linesAtOnce: 1 }),
  ]);
  expect([await stateOf(), await toMove()]).toEqual(["closed", []]);
  for (const { owner } of made) expect(await house.leaf(owner.address)).toBe(COIN);
});

test("what is earned while an epoch closes is the next one's, also of a worker whose line is not moved yet", async () => {
  const [first, second] = (await machines(2)) as [Machine, Machine];
  for (const { worker } of [first, second]) await house.earn(worker, 3n * COIN);
  house.aDayLater();
  await closeUntil({ batches: 1 });
  expect([await stateOf(), await toMove()]).toEqual(["closing", [second.worker]]);
  for (const { worker } of [first, second]) await house.earn(worker, COIN);
  expect(await house.close()).toEqual({ number: 1, released: 6n * COIN });
  expect(await house.balance("earner", `worker:${second.worker}`)).toBe(COIN);
  await house.open();
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 2, released: 2n * COIN });
  const earned = await house.rows("select earned::text from epoch_lines where epoch = 2");
  expect(earned).toEqual([{ earned: String(COIN) }, { earned: String(COIN) }]);
});

test("while a batch waits for an answer's end, answers of other workers do not wait for it", async () => {
  const [first, second, third] = (await machines(3)) as [Machine, Machine, Machine];
  for (const { worker } of [first, second, third]) await house.earn(worker, COIN);
  house.aDayLater();
  const answer = await house.ctx.pg.connect();
  await answer.query("begin");
  await answer.query("select from ledger_accounts where owner = $1 for no key update", [`worker:${second.worker}`]);
  const closing = closeEpoch(house.ctx, await house.seen(), { linesAtOnce: 1 });
  await expect.poll(toMove).toEqual([second.worker, third.worker].toSorted());
  for (const { worker } of [first, third]) await house.earn(worker, COIN);
  expect(await stateOf()).toBe("closing");
  await answer.query("commit");
  answer.release();
  expect(await closing).toEqual({ number: 1, released: 3n * COIN });
});

test("nothing of an epoch is published or shared again while it closes", async () => {
  const [first, second] = (await machines(2)) as [Machine, Machine];
  for (const { worker } of [first, second]) await house.earn(worker, COIN);
  house.aDayLater();
  await closeUntil({ batches: 1 });
  expect((await runningEpoch(house.ctx.db)).published).toBeNull();
  await house.expectSound();
  expect(await house.close({ again: true })).toBe("on_its_way");
  expect(await house.close({}, { epochCap: 0n })).toEqual({ number: 1, released: 2n * COIN });
});

test("a ban after the plan does not take what the plan releases, and takes what it leaves waiting with the next closing", async () => {
  const old = await house.worker();
  const young = await house.worker({ isNew: true });
  for (const { worker } of [old, young]) await house.earn(worker, COIN);
  house.aDayLater();
  await closeUntil({ batches: 0 });
  for (const { worker } of [old, young])
    await house.ctx.db.insert(workersSeen).values({ id: worker, name: "m", version: "", bannedAt: new Date() });
  expect(await house.close()).toEqual({ number: 1, released: COIN });
  await house.open();
  expect([await house.leaf(old.owner.address), await house.leaf(young.owner.address)]).toEqual([COIN, 0n]);
  expect(await house.balance("refunds", "house")).toBe(0n);
  house.aDayLater();
  expect(await house.close()).toEqual({ number: 2, released: 0n });
  expect(await house.balance("refunds", "house")).toBe(COIN);
});

test("an answer that fails while an epoch closes gives back its own pay and nothing of a line's", async () => {
  const { ledger } = house.ctx;
  const [first, second] = (await machines(2)) as [Machine, Machine];
  for (const { worker } of [first, second]) await house.earn(worker, COIN);
  const person = await house.newPerson(5n * COIN);
  const account = await ledger.openAccount({ asset: "coin", kind: "person", owner: `person:${person.id}` });
  const to = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `worker:${second.worker}` });
  const hold = holdOf({ account, amount: 4n * COIN });
  const capture = () => captureOf({ hold: hold.id, legs: [{ to, amount: 2n * COIN, kind: "earned" }] });
  const [early, late] = [capture(), capture()];
  for (const operation of [hold, early]) expect(await ledger.do(operation)).toEqual(DONE);
  house.aDayLater();
  await closeUntil({ batches: 1 });
  expect(await ledger.do(late)).toEqual(DONE);
  const keys = ["10000000-0000-4000-8000-000000000000", "20000000-0000-4000-8000-000000000000"];
  for (const [at, { key: of }] of [early, late].entries())
    expect(await ledger.do({ verb: "reverse", key: keys[at]!, of })).toEqual(DONE);
  expect(await ledger.do({ verb: "release", hold: hold.id })).toEqual(DONE);
  expect(await house.close()).toEqual({ number: 1, released: 2n * COIN });
  expect(await house.balance("earner", `worker:${second.worker}`)).toBe(0n);
  expect(await house.leaf(second.owner.address)).toBe(COIN);
});

test("where coins were taken off an account by hand after the plan, its line is cut to what is there", async () => {
  const [first, second] = (await machines(2)) as [Machine, Machine];
  for (const { worker } of [first, second]) await house.earn(worker, 3n * COIN);
  house.aDayLater();
  await closeUntil({ batches: 1 });
  const from = await house.ctx.ledger.openAccount({
    asset: "coin",
    kind: "earner",
    owner: `worker:${second.worker}`,
  });
  const to = await house.ctx.ledger.openAccount({ asset: "coin", kind: "refunds", owner: "house" });
  expect(await house.ctx.ledger.do(moveOf({ from, to, amount: COIN, kind: "fault" }))).toEqual(DONE);
  expect(await house.close()).toEqual({ number: 1, released: 5n * COIN });
  await house.open();
  expect(await house.leaf(second.owner.address)).toBe(2n * COIN);
  expect((await runningEpoch(house.ctx.db)).last).toMatchObject({ total: 5n * COIN, leaves: 2 });
});

test("the pool covers what a closing set aside for being there, and nothing that is still the house's", async () => {
  const { pg, ledger } = house.ctx;
  const { worker } = await house.worker({ stake: 5n * COIN });
  await house.give("fees", "house", 100n * COIN, "fee");
  const [vault, pool] = [
    await ledger.openAccount({ asset: "coin", kind: "chain_deposits", owner: "house" }),
    await ledger.openAccount({ asset: "coin", kind: "chain_pool", owner: "house" }),
  ];
  expect(await ledger.do(moveOf({ from: pool, to: vault, amount: 100n * COIN, kind: "test" }))).toEqual(DONE);
  const hour = new Date(house.time.now + 3_600_000);
  await house.ctx.db.insert(workerHours).values({ worker, hour, onlineS: 3_600, jobs: 1 });
  expect(await readSolvency(pg)).toMatchObject({ owed: 0n, there: 0n });
  house.aDayLater();
  await closeUntil({ batches: 0 });
  expect(await readSolvency(pg)).toMatchObject({ owed: 15n * COIN, there: 15n * COIN, missing: 0n });
  await house.close();
  expect(await readSolvency(pg)).toMatchObject({ owed: 15n * COIN, there: 15n * COIN, missing: 0n });
});

test("what is given for being there is set aside with the plan, so that a sweep of fees cannot take it", async () => {
  const { worker, owner } = await house.worker({ stake: 5n * COIN });
  const other = await house.worker({ stake: 5n * COIN });
  await house.give("fees", "house", 100n * COIN, "fee");
  const hour = new Date(house.time.now + 3_600_000);
  for (const one of [worker, other.worker])
    await house.ctx.db.insert(workerHours).values({ worker: one, hour, onlineS: 3_600, jobs: 1 });
  house.aDayLater();
  await closeUntil({ batches: 1 });
  const from = await house.ctx.ledger.openAccount({ asset: "coin", kind: "fees", owner: "house" });
  const to = await house.ctx.ledger.openAccount({ asset: "coin", kind: "own", owner: "deposits" });
  // It is promised to workers, as what they earned is: it counts as owed from the plan on, and for once.
  const owed = async () => (await readSolvency(house.ctx.pg)).owed;
  expect(await owed()).toBe(15n * COIN);
  const swept = moveOf({ from, to, amount: 85n * COIN, kind: "fees_swept" });
  expect(await house.ctx.ledger.do(moveOf({ from, to, amount: 86n * COIN, kind: "fees_swept" }))).not.toEqual(DONE);
  expect(await house.ctx.ledger.do(swept)).toEqual(DONE);
  expect(await house.close()).toEqual({ number: 1, released: 15n * COIN });
  expect(await owed()).toBe(15n * COIN);
  for (const wallet of [owner.address, other.owner.address]) expect(await house.leaf(wallet)).toBe((15n * COIN) / 2n);
  expect(await house.balance("availability", "epoch:1")).toBe(0n);
});
