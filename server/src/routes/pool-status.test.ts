import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf } from "../client.ts";
import { openTestApp } from "./test-app.ts";
import type { TestApp } from "./test-app.ts";

let house: TestApp;
let now = 10_000;

beforeAll(async () => {
  house = await openTestApp();
  (house.ctx as { monotonic: () => number }).monotonic = () => now;
});
afterAll(() => house[Symbol.asyncDispose]());

test("however many ask, the pool's machines are counted once a second", async () => {
  let counted = 0;
  const { registry } = house.ctx;
  const status = registry.status.bind(registry);
  registry.status = () => {
    counted++;
    return status();
  };
  const ask = () => answerOf(() => house.open.pool.$get());
  await Promise.all(Array.from({ length: 50 }, ask));
  expect(counted).toBe(1);
  const leave = house.join("smollm2-135m", 40);
  now += 999;
  expect((await ask()).workersOnline).toBe(0);
  now += 1;
  expect((await ask()).workersOnline).toBe(1);
  expect(counted).toBe(2);
  leave();
});
