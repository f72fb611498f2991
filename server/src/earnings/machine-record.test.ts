/** What a machine's owner sees of its last seven days, through the app's route. */
import { randomBytes, randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MachineRecord } from "@starai/protocol/contributor";
import { answerOf } from "../client.ts";
import { attempts, jobs, workerBindings, workers } from "../db/schema.ts";
import { withheldOf } from "../prices/service-level.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

const HOUR_MS = 3_600_000;
/** Of one token. */
const SHARE = 1_000_000_000n;
let stack: TestApp;
let ann: TestPerson;
let worker: string;

beforeAll(async () => {
  stack = await openTestApp();
});
beforeEach(async () => {
  ann = await newPerson(stack);
  worker = await pairedMachine();
});
afterAll(() => stack[Symbol.asyncDispose]());

async function pairedMachine({ hoursAgo = 30 * 24 } = {}): Promise<string> {
  const key = randomBytes(32).toString("hex");
  const pairedAt = new Date(stack.ctx.clock() - hoursAgo * HOUR_MS);
  await stack.ctx.db.insert(workers).values({ id: key, name: "Rack", version: "0.1.0" });
  await stack.ctx.db.insert(workerBindings).values({ worker: key, person: ann.person.id, pairedAt });
  return key;
}

type Attempt = Partial<Pick<typeof attempts.$inferInsert, "tokens" | "isFalse" | "tookMs" | "levelMs" | "members">> & {
  readonly end: string | null;
  readonly hoursAgo?: number;
};

/** Of one job, in turn. */
async function had(key: string, tries: readonly Attempt[]): Promise<void> {
  const job = { id: randomUUID(), key: randomUUID(), owner: "person:x", model: "m", request: {} as never };
  await stack.ctx.db.insert(jobs).values({ ...job, deadlineAt: new Date() });
  await stack.ctx.db.insert(attempts).values(
    tries.map(({ hoursAgo = 1, ...attempt }, fence) => {
      const startedAt = new Date(stack.ctx.clock() - hoursAgo * HOUR_MS);
      return { jobId: job.id, fence, workerId: key, startedAt, endedAt: startedAt, ...attempt };
    }),
  );
}

const recordOf = async (key: string, { my }: TestPerson = ann) =>
  MachineRecord.parse(await answerOf(() => my.machines[":worker"].record.$get({ param: { worker: key } })));

test("a machine without attempts has no score, and nothing went wrong", async () => {
  const none = { attempts: 0, done: 0, lost: [], slow: { attempts: 0, withheld: 0 }, score: null };
  expect(await recordOf(worker)).toEqual(none);
});

test("what went wrong is counted by reason, the most frequent first; what was nobody's fault is none", async () => {
  const ends = [
    "done",
    "done",
    "connection_closed",
    "replaced",
    "stalled",
    "false frame: the text is not what the token ids say",
    "engine_crashed: a word of the machine",
    "engine_crashed: another word",
    "engine_stalled: a third",
    "server_restarted",
  ];
  await had(
    worker,
    ends.map((end) => ({ end })),
  );
  await had(worker, [{ end: null }]);
  expect(await recordOf(worker)).toMatchObject({
    attempts: 10,
    done: 2,
    lost: [
      { why: "engine", count: 3 },
      { why: "dropped", count: 2 },
      { why: "other_ids", count: 1 },
      { why: "stalled", count: 1 },
    ],
  });
});

test("attempts of more than a week ago and from before it was theirs are left out, and other machines' are", async () => {
  const young = await pairedMachine({ hoursAgo: 2 });
  for (const key of [worker, young])
    await had(
      key,
      [1, 3, 24 * 8].map((hoursAgo) => ({ end: "stalled", hoursAgo })),
    );
  expect((await recordOf(worker)).lost).toEqual([{ why: "stalled", count: 2 }]);
  expect((await recordOf(young)).lost).toEqual([{ why: "stalled", count: 1 }]);
});

/** A group's machines, and bytes of weights that each computes. */
const group = (works: Record<string, number>) =>
  Object.entries(works).map(([machine, work]) => ({ worker: machine, name: "Rack", layers: 1, work }));

test("what it held layers for counts like what it did alone, for every machine of the group", async () => {
  const [head, stranger] = [await pairedMachine(), await pairedMachine()];
  const members = group({ [head]: 3, [worker]: 1 });
  await had(head, [
    { end: "done", tokens: 100, members },
    { end: "stalled", members },
    { end: "done", hoursAgo: 24 * 8, members },
  ]);
  await had(head, [{ end: "done", members: group({ [head]: 3, [stranger]: 1 }) }]);
  await had(worker, [{ end: "done" }]);
  expect(await recordOf(worker)).toMatchObject({ attempts: 3, done: 2, lost: [{ why: "stalled", count: 1 }] });
  expect(await recordOf(head)).toMatchObject({ attempts: 3, done: 2 });
  expect(await recordOf(stranger)).toMatchObject({ attempts: 1, done: 1, lost: [] });
});

test("slow answers of a group cost a machine by its own part of their work", async () => {
  const head = await pairedMachine();
  const members = group({ [head]: 3, [worker]: 1 });
  // A quarter of 100 tokens was at twice the level, where half is withheld; 25 more in time.
  await had(head, [{ end: "done", tokens: 100, tookMs: 2_000, levelMs: 1_000, members }]);
  await had(worker, [{ end: "done", tokens: 25, tookMs: 500, levelMs: 1_000 }]);
  expect((await recordOf(worker)).slow).toEqual({ attempts: 1, withheld: 0.25 });
  expect((await recordOf(head)).slow).toEqual({ attempts: 1, withheld: 0.5 });
});

test("the score is the share of good in what it did", async () => {
  await stack.ctx.db.update(workers).set({ good: 9, bad: 3, weighedAt: new Date() });
  expect((await recordOf(worker)).score).toBeCloseTo(0.75, 5);
});

const attempt = fc.record({
  end: fc.constantFrom("done", "connection_closed"),
  tokens: fc.nat(400),
  isFalse: fc.boolean(),
  tookMs: fc.option(fc.nat(60_000)),
  levelMs: fc.option(fc.integer({ min: 1, max: 60_000 })),
});

test("what slowness cost is what billing withholds of the shares, by the tokens; the false are paid nothing and slow for nobody", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 12 }), async (tries) => {
      const key = await pairedMachine();
      await had(key, tries);
      const paid = tries.filter(({ isFalse }) => !isFalse);
      const withheld = paid.map(({ tokens, tookMs, levelMs }) =>
        withheldOf(BigInt(tokens) * SHARE, tookMs === null || levelMs === null ? null : { tookMs, levelMs }),
      );
      const all = paid.reduce((sum, { tokens }) => sum + tokens, 0);
      const lost = Number(withheld.reduce((sum, one) => sum + one, 0n)) / 1e9;
      const { slow } = await recordOf(key);
      // Billing rounds to a hundredth of a percent of each share.
      expect(Math.abs(slow.withheld - (all === 0 ? 0 : lost / all))).toBeLessThan(0.000_2);
      expect(slow.attempts).toBeGreaterThanOrEqual(withheld.filter((one) => one > 0n).length);
    }),
  );
});

test("nobody sees the record of a machine that is not theirs, or not any more", async () => {
  const bob = await newPerson(stack);
  await had(worker, [{ end: "stalled" }]);
  await expect(recordOf(worker, bob)).rejects.toMatchObject({ status: 404 });
  await stack.ctx.db.update(workerBindings).set({ person: null });
  await expect(recordOf(worker)).rejects.toMatchObject({ status: 404 });
  await expect(recordOf("ff".repeat(32))).rejects.toMatchObject({ status: 404 });
});
