/** What a worker's owner is told: its hours, and why it gets little work. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { STAKE_MIN } from "@starai/protocol/contributor";
import type { Chain } from "../chain/chain.ts";
import { creditNotes, workerHours, workers } from "../db/schema.ts";
import { submitJob } from "../jobs/submit-job.ts";
import { bindWorker } from "../testing/bind-worker.ts";
import { jobInput, openPoolStack, testVocabularies } from "../testing/pool-stack.ts";
import { operatorOver } from "../testing/operator.ts";
import { Words } from "../testing/words.ts";
import { machineFacts } from "./machine-facts.ts";
import { HourRecorder, pruneHours } from "./record-hours.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

const ann = randomUUID();

test("an hour of a worker has its jobs, tokens, pay and temperature, and why others got the rest, however often it is stored", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { ctx } = stack;
  ctx.ton.open({} as Chain);
  const [staked, poor] = [await stack.worker("staked"), await stack.worker("poor")];
  await bindWorker(ctx.db, { worker: staked.keys.key, person: ann, stake: STAKE_MIN });
  await ctx.registry.owners.read(ctx, [staked.keys.key]);
  await ctx.db.insert(workers).values({ id: poor.keys.key, name: "poor", version: "" });
  const recorder = new HourRecorder(ctx);
  staked.send({ type: "heartbeat", running: 0, freeMemoryBytes: 0, temperatureC: 61 });
  await expect.poll(() => ctx.registry.get(staked.keys.key)?.temperatureC).toBe(61);
  for (let asked = 0; asked < 2; asked++) {
    const handle = await submitJob(ctx, jobInput({ isPaid: true }));
    const lease = await staked.lease();
    words.speak(staked, lease, 0, 3);
    staked.done(lease);
    await handle.result();
    recorder.look();
    await recorder.store();
  }
  const note = { worker: staked.keys.key, asset: "coin", number: 1, job: randomUUID(), amount: 7n, total: 7n } as const;
  await ctx.db.insert(creditNotes).values(note);
  await recorder.store();
  await recorder.store();
  const rows = await ctx.db.select().from(workerHours);
  const sum = (key: string, name: "jobs" | "failed" | "tokens") =>
    rows.filter(({ worker }) => worker === key).reduce((all, row) => all + row[name], 0);
  expect([sum(staked.keys.key, "jobs"), sum(staked.keys.key, "failed")]).toEqual([2, 0]);
  expect(sum(staked.keys.key, "tokens")).toBe(6);
  expect(rows.find(({ worker, earned }) => worker === staked.keys.key && earned > 0n)).toMatchObject({
    earned: 7n,
    temperatureC: 61,
  });
  const unstaked = rows.map(({ worker, skipped }) => (worker === poor.keys.key ? (skipped["unstaked"] ?? 0) : 0));
  expect(unstaked.reduce((all, count) => all + count)).toBe(2);
  const facts = await machineFacts(ctx, [staked.keys.key, poor.keys.key]);
  expect(facts.get(poor.keys.key)).toMatchObject({ online: true, why: ["unstaked", "stranger"], reason: null });
  expect(facts.get(staked.keys.key)).toMatchObject({
    why: ["stranger"],
    models: [staked.models[0]!.id],
    temperatureC: 61,
  });
});

test("what was stored counts once, also where the pay of that hour could not be read after it", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { ctx } = stack;
  const worker = await stack.worker("paired");
  await bindWorker(ctx.db, { worker: worker.keys.key, person: ann, stake: 0n });
  const recorder = new HourRecorder(ctx);
  const handle = await submitJob(ctx, jobInput());
  const lease = await worker.lease();
  words.speak(worker, lease, 0, 3);
  worker.done(lease);
  await handle.result();
  await ctx.pg.query("alter table credit_notes rename to away");
  await expect(recorder.store()).rejects.toThrow(/credit_notes/);
  await ctx.pg.query("alter table away rename to credit_notes");
  await recorder.store();
  const rows = await ctx.db.select().from(workerHours);
  expect(rows.reduce((all, { tokens }) => all + tokens, 0)).toBe(3);
  expect(rows.reduce((all, { jobs }) => all + jobs, 0)).toBe(1);
});

test("nobody's worker that never did anything leaves no row, and rows are kept ninety days", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { ctx } = stack;
  const recorder = new HourRecorder(ctx);
  await stack.worker("new");
  recorder.look();
  await recorder.store();
  expect(await ctx.db.$count(workerHours)).toBe(0);
  const ago = (days: number) => new Date(ctx.clock() - days * 24 * 3_600_000);
  await ctx.db.insert(workerHours).values([91, 89].map((days) => ({ worker: "w", hour: ago(days) })));
  await pruneHours(ctx);
  expect(await ctx.db.$count(workerHours)).toBe(1);
});

test("a worker's owner is told of a pause, a drain, a ban and its price in that order, with their reason", async () => {
  await using stack = await openPoolStack(vocabularies);
  const { ctx } = stack;
  const [dear, cheap] = [await stack.worker("dear", { askPercent: 150 }), await stack.worker("cheap")];
  const recorder = new HourRecorder(ctx);
  const handle = await submitJob(ctx, jobInput());
  words.answer(cheap, await cheap.lease());
  await handle.result();
  recorder.look();
  const factsOf = async () => (await machineFacts(ctx, [dear.keys.key])).get(dear.keys.key)!;
  expect(await factsOf()).toMatchObject({ online: true, askPercent: 150, why: ["stranger", "price"] });
  const { record } = ctx.registry.get(dear.keys.key)!;
  record.faulted("stalled", ctx.monotonic());
  expect(await factsOf()).toMatchObject({ why: ["paused", "stranger", "price"] });
  expect((await factsOf()).reason).toContain("the last: stalled");
  await operatorOver(ctx)("ban", dear.keys.key, "--reason", "sends noise");
  await dear.leave();
  await expect.poll(() => ctx.registry.get(dear.keys.key)).toBeUndefined();
  expect(await factsOf()).toMatchObject({ online: false, why: ["offline", "banned"], reason: "sends noise" });
  expect((await machineFacts(ctx, ["never seen"])).get("never seen")).toMatchObject({ why: ["offline"], models: [] });
});
