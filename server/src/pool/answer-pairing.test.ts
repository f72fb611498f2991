/** A worker's terminal: codes to pair it by, whose it is now, and how that is undone. Over the real socket. */
import { afterAll, expect, onTestFinished, test } from "vitest";
import { eq } from "drizzle-orm";
import { STAKE_MIN } from "@starai/protocol/contributor";
import { pairWorker, unpairWorker } from "../contributors/pair-worker.ts";
import { creditTotals, epochs, pairingCodes, people, workerBindings, workers } from "../db/schema.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { testChain } from "../testing/coins.ts";
import { openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import type { PoolStack } from "../testing/pool-stack.ts";
import { watchStandings } from "./send-standings.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

const KEEPS_NOTES = { notes: { coin: 0, stars: 0 } };
let telegramId = 40_000;

async function openWatchedPool(): Promise<PoolStack> {
  const stack = await openPoolStack(vocabularies);
  onTestFinished(() => stack[Symbol.asyncDispose]());
  onTestFinished(watchStandings(stack.ctx));
  return stack;
}

async function newPerson({ ctx }: PoolStack, name: string): Promise<string> {
  const person = { telegramId: ++telegramId, name, language: "en" };
  const [row] = await ctx.db.insert(people).values(person).returning();
  return row!.id;
}

const typed = (code: string) => code.replace("-", "");

test("a code pairs the machine, whose terminal says at once whose it is, and unpairs it by its key", async () => {
  const stack = await openWatchedPool();
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  expect((await gpu.frame("standing")).standing).toEqual({ owner: null, stake: "0", isPaid: true, heldUntilEpoch: 3 });
  gpu.send({ type: "pair" });
  const { code, link, expiresAt } = await gpu.frame("pairing");
  expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(link).toBeNull();
  expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now());
  const ann = await newPerson(stack, "Ann Onymous");
  await pairWorker(stack.ctx, { person: ann, code: typed(code) });
  expect((await gpu.frame("standing")).standing.owner).toEqual({ name: "Ann", wallet: null });
  gpu.send({ type: "unpair" });
  expect((await gpu.frame("standing")).standing.owner).toBeNull();
  gpu.send({ type: "unpair" });
  expect((await gpu.frame("dropped")).reason).toContain("paired with nobody");
});

test("a code opens the bot's app where the server has a bot", async () => {
  const stack = await openWatchedPool();
  Object.assign(stack.ctx, { config: { ...stack.ctx.config, botUsername: "the_bot" } });
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  gpu.send({ type: "pair" });
  const { code, link } = await gpu.frame("pairing");
  expect(link).toBe(`https://t.me/the_bot?startapp=pair_${typed(code)}`);
});

test("a machine gets a code in ten seconds and three at once, and a thousand wishes make no more", async () => {
  const stack = await openWatchedPool();
  const time = { now: Date.now() };
  Object.assign(stack.ctx, { clock: () => time.now });
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  for (let asked = 0; asked < 30; asked++) gpu.send({ type: "pair" });
  await gpu.frame("pairing");
  await gpu.frame("dropped");
  for (const made of [2, 3]) {
    time.now += 10_001;
    gpu.send({ type: "pair" });
    await gpu.frame("pairing");
    expect(await stack.ctx.db.$count(pairingCodes, eq(pairingCodes.worker, gpu.keys.key))).toBe(made);
  }
  gpu.frames.length = 0;
  time.now += 10_001;
  gpu.send({ type: "pair" });
  expect((await gpu.frame("dropped")).reason).toContain("ask again in ten minutes");
  time.now += 10 * 60_000;
  gpu.send({ type: "pair" });
  await gpu.frame("pairing");
  expect(await stack.ctx.db.$count(pairingCodes, eq(pairingCodes.worker, gpu.keys.key))).toBe(1);
});

test("an older worker is sent none of the new frames", async () => {
  const stack = await openWatchedPool();
  const [old, gpu] = [await stack.worker("old"), await stack.worker("gpu", KEEPS_NOTES)];
  await bindWorker(stack.ctx.db, { worker: old.keys.key, person: await newPerson(stack, "Ann"), stake: STAKE_MIN });
  await bindWorker(stack.ctx.db, { worker: gpu.keys.key, person: await newPerson(stack, "Bob"), stake: STAKE_MIN });
  await expect.poll(() => gpu.frames.filter(({ type }) => type === "standing").length).toBeGreaterThan(0);
  old.send({ type: "pair" });
  expect((await old.frame("dropped")).reason).toContain("update it");
  expect(old.frames.filter(({ type }) => type === "standing" || type === "pairing")).toEqual([]);
});

test("the standing follows the stake, the number of machines and the epochs", async () => {
  const stack = await openWatchedPool();
  const { db, ton } = stack.ctx;
  ton.open(testChain());
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  expect((await gpu.frame("standing")).standing).toMatchObject({ owner: null, isPaid: false });
  const ann = await newPerson(stack, "Ann");
  await bindWorker(db, { worker: gpu.keys.key, person: ann, stake: STAKE_MIN });
  const staked = (await gpu.frame("standing")).standing;
  expect(staked).toMatchObject({ stake: String(STAKE_MIN), isPaid: true, heldUntilEpoch: 3 });
  expect(staked.owner?.wallet).toMatch(/^0Q/);
  await db.insert(workerBindings).values({ worker: "00".repeat(32), person: ann });
  expect((await gpu.frame("standing")).standing).toMatchObject({ stake: String(STAKE_MIN / 2n), isPaid: false });
  await db.insert(creditTotals).values({ worker: gpu.keys.key, asset: "coin", firstEpoch: 1 });
  const [closedAt, recordedAt] = [new Date(), new Date()];
  const closed = { chainEpoch: 3, closedAt, recordedAt, upto: 0, leaves: 0, total: 0n };
  await db.insert(epochs).values({ number: 3, state: "active", ...closed });
  expect((await gpu.frame("standing")).standing.heldUntilEpoch).toBeNull();
});

test("a stake that nobody saw for a day weighs nothing; one of an hour ago weighs", async () => {
  const stack = await openWatchedPool();
  const { db, pg, ton } = stack.ctx;
  ton.open(testChain());
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  await bindWorker(db, { worker: gpu.keys.key, person: await newPerson(stack, "Ann"), stake: STAKE_MIN });
  await pg.query("update contributor_stakes set seen_at = now() - interval '1 hour'");
  await expect.poll(async () => (await gpu.frame("standing")).standing.isPaid).toBe(true);
  await pg.query("update contributor_stakes set seen_at = now() - interval '25 hours'");
  expect((await gpu.frame("standing")).standing).toMatchObject({ stake: "0", isPaid: false });
});

test("a thief of a code has nothing: it is used once, the terminal tells, and what was earned stays with the machine", async () => {
  const stack = await openWatchedPool();
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  await gpu.frame("standing");
  gpu.send({ type: "pair" });
  const { code } = await gpu.frame("pairing");
  const [ann, thief] = [await newPerson(stack, "Ann"), await newPerson(stack, "Thief")];
  await pairWorker(stack.ctx, { person: thief, code: typed(code) });
  expect((await gpu.frame("standing")).standing.owner?.name).toBe("Thief");
  await expect(pairWorker(stack.ctx, { person: ann, code: typed(code) })).rejects.toThrow("used already");
  gpu.send({ type: "unpair" });
  expect((await gpu.frame("standing")).standing.owner).toBeNull();
  await expect(pairWorker(stack.ctx, { person: thief, code: typed(code) })).rejects.toThrow("used already");
  await expect(unpairWorker(stack.ctx, { person: thief, worker: gpu.keys.key })).rejects.toThrow("not paired with you");
});

test("a machine that asked for a code has a name, also before its first lease", async () => {
  const stack = await openWatchedPool();
  const gpu = await stack.worker("gpu", KEEPS_NOTES);
  gpu.send({ type: "pair" });
  await gpu.frame("pairing");
  const [row] = await stack.ctx.db.select().from(workers).where(eq(workers.id, gpu.keys.key));
  expect(row).toMatchObject({ name: "gpu", completed: 0 });
});
