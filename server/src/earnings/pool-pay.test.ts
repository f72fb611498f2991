/** What anybody may know of prices and pay, through the public route. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PoolPay } from "@starai/protocol/pool-status";
import { answerOf } from "../client.ts";
import { workerHours } from "../db/schema.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";

const HOUR_MS = 3_600_000;
const MODEL = "qwen2.5-coder-1.5b";
let stack: TestApp;
let now: number;

beforeAll(async () => {
  stack = await openTestApp();
  now = stack.ctx.clock();
  Object.assign(stack.ctx, { clock: () => now });
});
afterAll(() => stack[Symbol.asyncDispose]());

const hour = (ago: number) => new Date(Math.floor(now / HOUR_MS) * HOUR_MS - ago * HOUR_MS);

/** A minute later, so that nothing kept is read. */
function look(): Promise<PoolPay> {
  now += 61_000;
  return answerOf<PoolPay>(() => stack.open.pool.pay.$get());
}

test("an empty pool has no classes and no prices", async () => {
  expect(await look()).toEqual({ coin: "GRAM", classes: [], prices: [] });
});

test("machines of a class share what they were paid an hour; nobody's key or name is told, nor a class of one", async () => {
  for (const worker of ["one", "two", "three", "new"]) stack.join(MODEL, 50, worker);
  const [one, two, three, fresh] = stack.ctx.registry.connectedWorkers();
  const gpu = { kind: "cuda", name: "NVIDIA GeForce RTX 4090", memoryBytes: 24 } as const;
  for (const { facts } of [one!, two!, three!]) Object.assign(facts, { devices: [gpu] });
  Object.assign(fresh!.facts, { devices: [{ kind: "cpu", name: "EPYC", memoryBytes: 1 }] });
  await stack.ctx.db.insert(workerHours).values([
    { worker: "one", hour: hour(1), onlineS: 3_600, earned: 300n },
    { worker: "two", hour: hour(2), onlineS: 3_600, earned: 100n },
    { worker: "three", hour: hour(2), onlineS: 3_600, earned: 200n },
    { worker: "two", hour: hour(30), onlineS: 3_600, earned: 9_000n },
    { worker: "new", hour: hour(1), onlineS: 3_600, earned: 50n },
    { worker: "gone", hour: hour(1), onlineS: 3_600, earned: 7_000n },
  ]);
  const pay = await look();
  expect(pay.classes).toEqual([
    { kind: "cuda", name: "RTX 4090", machines: 3, paidPerHour: "200" },
    { kind: "cpu", name: null, machines: 1, paidPerHour: null },
  ]);
  expect(pay.prices).toMatchObject([{ model: MODEL }]);
  expect(JSON.stringify(pay)).not.toMatch(/"one"|NVIDIA|EPYC/);
});

test("whoever asks often is told what was read a moment ago", async () => {
  const first = await look();
  stack.join(MODEL, 50, "another");
  expect(await answerOf<PoolPay>(() => stack.open.pool.pay.$get())).toEqual(first);
  expect((await look()).classes).not.toEqual(first.classes);
});
