import { afterAll, beforeAll, expect, test } from "vitest";
import { poolMinutes } from "../db/schema.ts";
import { openTestApp } from "../testing/app.ts";
import type { TestApp } from "../testing/app.ts";
import { answerOf } from "../client.ts";
import { MinuteRecorder } from "./record-minutes.ts";

const MINUTE = 60_000;
let stack: TestApp;
let now = Date.UTC(2026, 10, 23, 14, 5, 30);

beforeAll(async () => {
  stack = await openTestApp();
  (stack.ctx as { clock: () => number }).clock = () => now;
});
afterAll(() => stack[Symbol.asyncDispose]());

const day = () => answerOf(() => stack.open.pool.history.$get());

test("an empty pool has no values, not zeros", async () => {
  const { tokensPerS, workers, from } = await day();
  expect(tokensPerS).toHaveLength(24 * 60);
  expect([...tokensPerS, ...workers].every((value) => value === null)).toBe(true);
  expect(from * 1_000).toBe(Date.UTC(2026, 10, 22, 14, 6));
  expect(await answerOf(() => stack.open.pool.$get())).toMatchObject({
    workersOnline: 0,
    load: 0,
    answersToday: 0,
    tokensPerS: 0,
  });
});

test("a minute counts once, also over a restart in its middle, and a day is kept", async () => {
  const leave = stack.join("smollm2-135m", 40);
  const recorder = new MinuteRecorder(stack.ctx);
  stack.ctx.registry.countTokens(600, null);
  stack.ctx.registry.countAnswer();
  await recorder.record();
  stack.ctx.registry.countTokens(600, null);
  await recorder.record();
  leave();
  // The state of a new process: nothing counted yet, but the minute's row exists.
  const { ctx } = stack;
  const reborn = new MinuteRecorder({ ...ctx, registry: Object.create(ctx.registry, served(60, 1)) });
  await reborn.record();
  now += MINUTE;
  const { tokensPerS, workers, answers } = await day();
  expect([tokensPerS.at(-2), answers.at(-2)]).toEqual([21, 2]);
  expect(workers.slice(-2)).toEqual([0, null]);
  now += 25 * 60 * MINUTE;
  await new MinuteRecorder(ctx).record();
  expect(await ctx.db.$count(poolMinutes)).toBe(1);
});

/** Properties that give the registry these counts; its private fields still work. */
function served(tokens: number, answers: number): PropertyDescriptorMap {
  const { registry } = stack.ctx;
  return {
    served: { value: { tokens, answers } },
    status: { value: () => registry.status() },
    modelUses: { value: () => registry.modelUses() },
  };
}

test("what a machine more would be asked for is public with the prices: each model's slots, how busy, who waits", async () => {
  const { ctx, open } = stack;
  const loadOf = async (id: string) =>
    (await answerOf(() => open.pool.prices.$get())).models.find((model) => model.id === id)?.load;
  const before = await loadOf("smollm2-135m");
  const leave = stack.join("qwen2.5-coder-1.5b", 40, "lender");
  ctx.registry.get("lender")?.take({ job: "j", model: "qwen2.5-coder-1.5b", owner: "o", endsAt: 0 });
  ctx.registry.watchQueue(() => new Map([["qwen2.5-coder-0.5b", 3]]));
  now += 30 * 60 * MINUTE;
  await new MinuteRecorder(ctx).record();
  expect(await loadOf("qwen2.5-coder-1.5b")).toEqual({ looks: 1, slots: 1, busy: 1, waiting: 0 });
  expect(await loadOf("qwen2.5-coder-0.5b")).toEqual({ looks: 1, slots: 0, busy: 0, waiting: 3 });
  expect(ctx.registry.status().queued).toBe(3);
  expect(before).toMatchObject({ busy: 0 });
  leave();
});
