/** Rows as the pool, closed epochs and the chain leave them: a contributor with three machines, a wallet and a stake. */
import { randomBytes, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { expect } from "vitest";
import { postingKey } from "@starai/server/chain/book-transaction";
import {
  attempts,
  chainTransactions,
  contributorStakes,
  creditTotals,
  epochLeaves,
  epochLines,
  epochs,
  jobs,
  people,
  slashProposals,
  wallets,
  workerBindings,
  workerHours,
  workers,
} from "@starai/server/db/schema";
import { claimsOf } from "@starai/server/earnings/claim-history";
import { noteByHand } from "@starai/server/testing/credit-notes";
import { DONE, moveOf } from "@starai/server/testing/ledger";
import type { StagedStack } from "../src/staged-stack.ts";

const HOUR_MS = 3_600_000;
const HOURS = 48;
const COIN = 1_000_000_000n;
const AVAILABILITY = 12_000_000n;

export interface Contributor {
  readonly person: string;
  /** Raw. */
  readonly wallet: string;
}

/** The stack's own worker is the first of the machines; the others are away, and the second is new. */
export async function contributor(stack: StagedStack, telegramId: number): Promise<Contributor> {
  const { db, pg } = stack.ctx;
  await db.insert(people).values({ telegramId, name: "Ann", language: "en" }).onConflictDoNothing();
  const { rows } = await pg.query<{ id: string }>("select id from people where telegram_id = $1", [telegramId]);
  const person = rows[0]!.id;
  const wallet = `0:${randomBytes(32).toString("hex")}`;
  await db.insert(wallets).values({ person, address: wallet, payoutsFrom: new Date() });
  const now = stack.ctx.clock();
  const machines = await machinesOf(stack, now);
  const workersOf = machines.map(({ id }) => id);
  await db.delete(workerBindings);
  await db.delete(epochLines).where(eq(epochLines.worker, workersOf[0]!));
  await db.delete(epochs);
  await db.delete(workerHours);
  await db
    .insert(workerBindings)
    .values(workersOf.map((worker) => ({ worker, person, pairedAt: new Date(now - 100 * HOUR_MS) })));
  const [old, young] = workersOf as [string, string];
  await db
    .insert(creditTotals)
    .values([
      { worker: old, asset: "coin", firstEpoch: -1 },
      { worker: young, asset: "coin", firstEpoch: 3 },
    ])
    .onConflictDoNothing();
  await writeEpochs(stack, { now, wallet, workers: workersOf });
  await writeHours(stack, now, workersOf);
  const account = `0:${randomBytes(32).toString("hex")}`;
  const stake = {
    stake: 15n * COIN,
    unbonding: 5n * COIN,
    unbondAt: new Date(now + 70 * HOUR_MS),
    claimed: 21n * COIN,
    disputed: 2n * COIN,
    disputedUntil: new Date(now + 50 * HOUR_MS),
  };
  await db.insert(contributorStakes).values({ wallet, account, ...stake, seenAt: new Date(now) });
  await db.insert(epochLeaves).values({ wallet, cumulative: 25n * COIN, epoch: 3 });
  await credit(stack, `wallet:${wallet.slice(2)}`, 25_120_000_000n);
  await claim(stack, wallet, { amount: 12n * COIN, isKnown: false });
  await claim(stack, wallet, { amount: 9n * COIN, isKnown: true });
  await noted(stack, await credit(stack, `worker:${young}`, 2_400_000_000n, "stars"));
  await writeAttempts(stack, now, young);
  await db.insert(slashProposals).values({
    wallet,
    amount: 2n * COIN,
    reason: "Basement rack: two answers of ten, asked again elsewhere, were made by another model.",
    evidence: JSON.stringify({
      wallet,
      amount: String(2n * COIN),
      reason: "Basement rack: two answers of ten, asked again elsewhere, were made by another model.",
      jobs: [{ job: randomUUID(), model: "m", worker: young, fence: 1, tokens: 312, isFalse: false, end: "done" }],
    }),
    shownAt: new Date(now),
  });
  return { person, wallet };
}

const newKey = () => randomBytes(32).toString("hex");

async function machinesOf({ ctx }: StagedStack, now: number) {
  const [played] = ctx.registry.connectedWorkers();
  const machines = [
    { id: played!.id, name: played!.facts.name, version: "0.1.0" },
    { id: newKey(), name: "Basement rack", version: "0.1.0" },
    { id: newKey(), name: "Old laptop", version: "0.0.9" },
  ];
  for (const machine of machines)
    await ctx.db
      .insert(workers)
      .values({ ...machine, completed: 12, lastSeenAt: new Date(now - 3 * HOUR_MS) })
      .onConflictDoNothing();
  return machines;
}

interface Written {
  readonly now: number;
  readonly wallet: string;
  readonly workers: readonly string[];
}

async function writeEpochs(stack: StagedStack, { now, wallet, workers: [one, two] }: Written) {
  const { db } = stack.ctx;
  for (const number of [1, 2, 3]) {
    const closedAt = new Date(now - (3 - number) * 24 * HOUR_MS - 5 * HOUR_MS);
    const hash = randomBytes(32);
    const sums = { root: hash, dataHash: hash, leaves: 2, total: 30n * COIN, upto: 0 };
    await db
      .insert(epochs)
      .values({ number, chainEpoch: number, state: "active", closedAt, recordedAt: closedAt, ...sums });
    const paid = BigInt(number) * 1_370_000_000n;
    await db.insert(epochLines).values({
      epoch: number,
      worker: one!,
      wallet,
      earned: paid,
      released: paid,
      held: 0n,
    });
  }
  const held = COIN / 2n + AVAILABILITY;
  const line = { epoch: 3, worker: two!, earned: COIN / 2n, availability: AVAILABILITY, released: 0n, held };
  await db.insert(epochLines).values(line);
  await noted(stack, await credit(stack, `worker:${two!}`, (COIN * 3n) / 4n));
  // For being there, and so without a note.
  await credit(stack, `worker:${two!}`, AVAILABILITY);
  await noted(stack, await credit(stack, `worker:${one!}`, 183_400_000n));
}

async function writeHours(stack: StagedStack, now: number, [one, two]: readonly string[]) {
  const newest = Math.floor(now / HOUR_MS);
  await stack.ctx.db.insert(workerHours).values(
    Array.from({ length: HOURS }, (_, ago) => {
      const busy = 1 + Math.sin((newest - ago) / 4);
      return {
        worker: (ago < 20 ? one : two)!,
        hour: new Date((newest - ago) * HOUR_MS),
        onlineS: ago % 17 === 3 ? 1_200 : 3_600,
        jobs: Math.round(busy * 20),
        failed: ago % 9 === 0 ? 1 : 0,
        tokens: Math.round(busy * 9_000),
        earned: BigInt(Math.round(busy * 41_000_000)),
        skipped: ago % 3 === 0 ? { slow: 14, unstaked: 3 } : { no_demand: 95 },
      };
    }),
  );
}

/** A day in which the machine dropped some answers and was slow in others. */
async function writeAttempts({ ctx: { db } }: StagedStack, now: number, workerId: string) {
  await db.update(workers).set({ good: 40, bad: 5, weighedAt: new Date() }).where(eq(workers.id, workerId));
  const ends = [
    ...Array.from({ length: 40 }, (_, at) => ({ end: "done", tookMs: at % 8 === 0 ? 18_000 : 9_000 })),
    ...["connection_closed", "connection_closed", "connection_closed", "stalled", "overtaken"].map((end) => ({ end })),
    { end: "false frame: the text is not what the token ids say", isFalse: true },
  ];
  const job = { id: randomUUID(), key: randomUUID(), owner: "person:x", model: "m", request: {} as never };
  const moment = new Date(now - 10 * HOUR_MS);
  await db.insert(jobs).values({ ...job, state: "done", deadlineAt: moment, finishedAt: moment });
  await db.insert(attempts).values(
    ends.map((attempt, fence) => {
      const times = { startedAt: moment, endedAt: moment, levelMs: 12_000 };
      return { jobId: job.id, fence, workerId, tokens: 200, ...times, ...attempt };
    }),
  );
}

/** As the chain's reader books one. */
async function claim(
  { ctx: { clock, db, ledger, ton } }: StagedStack,
  wallet: string,
  { amount, isKnown }: { amount: bigint; isKnown: boolean },
): Promise<void> {
  const { distributor, networkId } = ton.get();
  const place = { account: distributor.toRawString(), lt: 1n, hash: randomBytes(32) };
  const from = await ledger.openAccount({ asset: "coin", kind: "earner", owner: `wallet:${wallet.slice(2)}` });
  const to = await ledger.openAccount({ asset: "coin", kind: "own", owner: "pool" });
  const key = postingKey(networkId, place, 3);
  expect(await ledger.do(moveOf({ key, from, to, amount, kind: "claimed" }))).toEqual(DONE);
  if (!isKnown) return;
  const { account: address, ...rest } = place;
  const facts = { role: "pool", kind: "claimed", ref: claimsOf(wallet.slice(2)), delta: 0n, fees: 0n } as const;
  await db.insert(chainTransactions).values({ address, ...rest, ...facts, at: new Date(clock()) });
}

const SOURCE = { coin: "chain_deposits", stars: "telegram_stars" } as const;

/** Returns its key. */
async function credit(
  { ctx: { ledger } }: StagedStack,
  owner: string,
  amount: bigint,
  asset: keyof typeof SOURCE = "coin",
): Promise<string> {
  const from = await ledger.openAccount({ asset, kind: SOURCE[asset], owner: "house" });
  const to = await ledger.openAccount({ asset, kind: "earner", owner });
  const move = moveOf({ from, to, amount, kind: "earned" });
  expect(await ledger.do(move)).toEqual(DONE);
  return move.key;
}

const noted = ({ ctx }: StagedStack, key: string) => noteByHand(ctx.pg, [key]);
