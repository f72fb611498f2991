/** Whoever had a machine is kept with the wallets they had, however it was taken from them. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { endPayments } from "../account/give-up.ts";
import { contributorStakes, pastOwners, wallets, workerBindings } from "../db/schema.ts";
import { openTestCoins } from "../testing/coins.ts";
import type { TestCoins } from "../testing/coins.ts";
import { unpairByKey, unpairWorker } from "./pair-worker.ts";
import { forgetPastOwners } from "./past-owners.ts";

let stack: TestCoins;
let ann: Awaited<ReturnType<TestCoins["newPerson"]>>;
beforeAll(async () => {
  stack = await openTestCoins();
});
beforeEach(async () => {
  for (const table of [pastOwners, workerBindings, contributorStakes]) await stack.ctx.db.delete(table);
  ann = await stack.newPerson();
  await stack.ctx.db.insert(workerBindings).values({ worker: "w", person: ann.id });
  await stack.ctx.db.insert(contributorStakes).values({ wallet: ann.address, account: "0:a", seenAt: new Date() });
});
afterAll(() => stack[Symbol.asyncDispose]());

const kept = async () => (await stack.ctx.db.select().from(pastOwners)).map(({ worker, wallet }) => [worker, wallet]);
const owners = async () => (await stack.ctx.db.select().from(workerBindings)).map(({ person }) => person);

test.each([
  ["its owner", () => unpairWorker(stack.ctx, { person: ann.id, worker: "w" })],
  ["its own key", () => unpairByKey(stack.ctx, "w")],
  ["their being forgotten", () => stack.ctx.db.transaction((tx) => endPayments(tx, ann.id))],
])("taken away by %s, it is nobody's and they answer for it", async (_, take) => {
  await take();
  expect(await owners()).toEqual([null]);
  expect(await kept()).toEqual([["w", ann.address]]);
});

test("a wallet that never was staked is not kept, however often a machine comes and goes", async () => {
  await stack.ctx.db.delete(contributorStakes);
  expect(await unpairByKey(stack.ctx, "w")).toBe(true);
  expect([await owners(), await kept()]).toEqual([[null], []]);
});

test("somebody without a wallet has no stake to answer with, and what is not theirs is not taken", async () => {
  const ben = await stack.newPerson();
  await expect(unpairWorker(stack.ctx, { person: ben.id, worker: "w" })).rejects.toMatchObject({ code: "not_found" });
  expect([await owners(), await kept()]).toEqual([[ann.id], []]);
  await stack.ctx.db.delete(wallets);
  expect(await unpairByKey(stack.ctx, "w")).toBe(true);
  expect(await unpairByKey(stack.ctx, "w")).toBe(false);
  expect(await kept()).toEqual([]);
});

test("they are forgotten with the jobs, and not before", async () => {
  await unpairByKey(stack.ctx, "w");
  await forgetPastOwners(stack.ctx, new Date(Date.now() - 60_000));
  expect(await kept()).toHaveLength(1);
  await forgetPastOwners(stack.ctx, new Date(Date.now() + 60_000));
  expect(await kept()).toEqual([]);
});
