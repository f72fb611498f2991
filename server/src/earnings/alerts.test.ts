/** What owners of machines are told, each once. */
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { EARNING_TERMS } from "@starai/protocol/contributor";
import type { NoticeParams } from "@starai/protocol/notices";
import { epochs, notices, slashProposals, wallets, workerBindings, workers } from "../db/schema.ts";
import { openTestCoins } from "../testing/coins.ts";
import type { TestCoins } from "../testing/coins.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { whole } from "../testing/money.ts";
import { noteGoodbye } from "../pool/note-goodbye.ts";
import { tellOwners } from "./alerts.ts";

const MINUTE_MS = 60_000;
const LONG_AGO = new Date(0);
const MODEL = "qwen2.5-coder-1.5b";
let stack: TestCoins;
let ann: Awaited<ReturnType<TestCoins["newPerson"]>>;
let keys = 0;

beforeAll(async () => {
  stack = await openTestCoins();
});
beforeEach(async () => {
  for (const table of [epochs, notices, slashProposals, workerBindings]) await stack.ctx.db.delete(table);
  for (const connected of stack.ctx.registry.connectedWorkers()) stack.ctx.registry.leave(connected);
  ann = await stack.newPerson();
});
afterAll(async () => {
  await stack.expectSound();
  await stack[Symbol.asyncDispose]();
});

const VERSION = "0.1.0+0123456789ab";
const look = (upSince = LONG_AGO, version = VERSION) => tellOwners(stack.ctx, { upSince, version });

async function told(): Promise<NoticeParams[]> {
  const rows = await stack.ctx.db
    .select({ params: notices.params })
    .from(notices)
    .where(eq(notices.telegramId, ann.telegramId))
    .orderBy(sql`created_at, id`);
  return rows.map(({ params }) => params);
}

/** The connected machine says that it runs this version. */
function says(worker: string, version: string): void {
  Object.assign(stack.ctx.registry.get(worker)!.facts, { version });
}

async function pairMachine(seenMinutesAgo: number): Promise<string> {
  const id = (++keys).toString(16).padStart(64, "0");
  const lastSeenAt = new Date(stack.ctx.clock() - seenMinutesAgo * MINUTE_MS);
  await stack.ctx.db.insert(workers).values({ id, name: "Rack", version: "0.1.0", lastSeenAt });
  await stack.ctx.db.insert(workerBindings).values({ worker: id, person: ann.id });
  return id;
}

describe("a machine that is away", () => {
  test("is told after ten minutes, once an absence", async () => {
    const worker = await pairMachine(9);
    await look();
    expect(await told()).toEqual([]);
    stack.time.now += 2 * MINUTE_MS;
    await look();
    await look();
    expect(await told()).toMatchObject([{ kind: "machine_offline", name: "Rack" }]);
    const leave = stack.join(MODEL, 50, worker);
    await look();
    leave();
    stack.time.now += 11 * MINUTE_MS;
    await look();
    expect(await told()).toHaveLength(2);
  });

  test("is not told while it is connected, when it is nobody's or banned, nor a day late", async () => {
    const [there, nobodys, banned] = [await pairMachine(60), await pairMachine(60), await pairMachine(60)];
    await pairMachine(25 * 60);
    stack.join(MODEL, 50, there);
    await stack.ctx.db.update(workerBindings).set({ person: null }).where(eq(workerBindings.worker, nobodys));
    await stack.ctx.db.update(workers).set({ bannedAt: new Date() }).where(eq(workers.id, banned));
    await look();
    expect(await told()).toEqual([]);
  });

  test("is not told while it rests by its owner's own limits, but when it does not come back after that", async () => {
    const worker = await pairMachine(0);
    const { registry } = stack.ctx;
    stack.join(MODEL, 50, worker);
    await look();
    registry.leave(registry.get(worker)!);
    await noteGoodbye(stack.ctx, worker);
    stack.time.now += 11 * MINUTE_MS;
    await look();
    expect(await told()).toEqual([]);
    stack.join(MODEL, 50, worker);
    await look();
    registry.leave(registry.get(worker)!);
    stack.time.now += 11 * MINUTE_MS;
    await look();
    expect(await told()).toMatchObject([{ kind: "machine_offline" }]);
  });

  test("is not told when it was the server that was away", async () => {
    await pairMachine(60);
    await look(new Date(stack.ctx.clock() - 9 * MINUTE_MS));
    expect(await told()).toEqual([]);
    await look(new Date(stack.ctx.clock() - 10 * MINUTE_MS));
    expect(await told()).toHaveLength(1);
  });
});

async function oweWallet(amount: bigint): Promise<void> {
  const { ledger } = stack.ctx;
  const from = await ledger.openAccount({ asset: "coin", kind: "chain_deposits", owner: "house" });
  const to = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `wallet:${ann.address.slice(2)}` });
  expect(await ledger.do(moveOf({ from, to, amount, kind: "epoch_leaf" }))).toEqual(DONE);
}
const closeEpoch = (number: number, state: "active" | "proposed", root: Buffer | null = Buffer.alloc(32, number)) => {
  const at = new Date(stack.ctx.clock());
  const sums = {
    root,
    chainEpoch: number,
    upto: 0,
    leaves: 1,
    total: 1n,
    closedAt: at,
    recordedAt: at,
  };
  return stack.ctx.db.insert(epochs).values({ number, state, ...sums });
};

describe("pay that is ready", () => {
  test("is told once an epoch, when its root is active", async () => {
    await oweWallet(EARNING_TERMS.claimFrom);
    await closeEpoch(1, "proposed");
    await look();
    expect(await told()).toEqual([]);
    await stack.ctx.db.update(epochs).set({ state: "active" });
    await look();
    await look();
    expect(await told()).toEqual([{ kind: "claim_ready", amount: String(EARNING_TERMS.claimFrom), epoch: 1 }]);
    await closeEpoch(2, "active");
    await look();
    expect(await told()).toHaveLength(2);
    // Nothing was released in it.
    await closeEpoch(3, "active", null);
    await look();
    expect(await told()).toHaveLength(2);
  });

  test("is not told while a claim costs more than it is worth", async () => {
    await oweWallet(EARNING_TERMS.claimFrom - 1n);
    await closeEpoch(1, "active");
    await look();
    expect(await told()).toEqual([]);
  });
});

test("a proposed slash is told with its reason, once; one that was cancelled or that the chain does not show is not", async () => {
  const slash = { wallet: ann.address, amount: whole(2), reason: "Copied answers.", evidence: "{}" };
  const shownAt = new Date(stack.ctx.clock());
  await stack.ctx.db
    .insert(slashProposals)
    .values([{ ...slash, shownAt }, { ...slash, shownAt, state: "cancelled" }, slash]);
  await look();
  await look();
  expect(await told()).toEqual([{ kind: "slash_proposed", amount: String(whole(2)), reason: "Copied answers." }]);
});

test("a slash of a wallet that its owner has replaced is told to them, and one of a wallet that nobody had to nobody", async () => {
  const slash = { amount: whole(2), reason: "Copied answers.", evidence: "{}", shownAt: new Date(stack.ctx.clock()) };
  await stack.ctx.db.update(wallets).set({ state: "replaced" }).where(eq(wallets.address, ann.address));
  await stack.ctx.db.insert(slashProposals).values([
    { ...slash, wallet: ann.address },
    { ...slash, wallet: `0:${"ef".repeat(32)}` },
  ]);
  await look();
  await stack.ctx.db.update(slashProposals).set({ state: "executed", endedAt: slash.shownAt });
  await look();
  await stack.ctx.db.update(wallets).set({ state: "bound" }).where(eq(wallets.address, ann.address));
  expect((await told()).map(({ kind }) => kind)).toEqual(["slash_proposed", "slash_ended"]);
});

test("how a slash ended is told once, and nothing of one that ended a day ago or has not", async () => {
  const slash = { wallet: ann.address, amount: whole(2), reason: "Copied answers.", evidence: "{}" };
  const endedAt = new Date(stack.ctx.clock());
  const longAgo = new Date(stack.ctx.clock() - 25 * 60 * MINUTE_MS);
  await stack.ctx.db.insert(slashProposals).values([
    { ...slash, shownAt: endedAt, endedAt, state: "expired" },
    { ...slash, shownAt: longAgo, endedAt: longAgo, state: "executed" },
    { ...slash, shownAt: longAgo },
  ]);
  await look();
  await look();
  expect(await told()).toEqual([{ kind: "slash_ended", amount: String(whole(2)), outcome: "expired" }]);
});

test("owners of connected machines with an old version are told once", async () => {
  const machines = [await pairMachine(1), await pairMachine(1)];
  for (const worker of machines) stack.join(MODEL, 50, worker);
  await look();
  // What they say is "1", which is no version.
  expect(await told()).toEqual([]);
  for (const { facts } of stack.ctx.registry.connectedWorkers()) Object.assign(facts, { version: "0.0.9" });
  await look();
  await look();
  expect(await told()).toEqual([{ kind: "worker_update", version: VERSION, machines: 2 }]);
});

test("a machine that joined by /join is told of each new build of the same version, once; a clone of it is not", async () => {
  const [joined, clone] = [await pairMachine(1), await pairMachine(1)];
  for (const worker of [joined, clone]) stack.join(MODEL, 50, worker);
  says(joined, VERSION);
  says(clone, "0.1.0");
  await look();
  expect(await told()).toEqual([]);
  const next = "0.1.0+ba9876543210";
  await look(LONG_AGO, next);
  await look(LONG_AGO, next);
  expect(await told()).toEqual([{ kind: "worker_update", version: next, machines: 1 }]);
  says(joined, next);
  await look(LONG_AGO, next);
  expect(await told()).toHaveLength(1);
});
