/** What belongs to a key and what to its owner: idempotence over rotated keys, failed answers that run again, an end amid a stream. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { createApiKey } from "../gateway/api-keys.ts";
import { makeOwnKey, revokeOwnKey } from "../gateway/own-keys.ts";
import { bodyOf, rows } from "../testing/completions.ts";
import { answer, openGateway, readEvents } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

const once = { "idempotency-key": "once" };
const as = (key: string, more = {}) => ({ authorization: `Bearer ${key}`, ...more });

/** Somebody with a Star to spend. */
async function newOwner(gateway: TestGateway, telegramId = 42): Promise<string> {
  const { pg, ledger } = gateway.stack.ctx;
  const { rows: made } = await pg.query("insert into people (telegram_id, name) values ($1, 'Ann') returning id", [
    telegramId,
  ]);
  const id: string = made[0].id;
  const from = await ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const to = await ledger.openAccount({ asset: "stars", kind: "person", owner: `person:${id}` });
  expect(await ledger.do(moveOf({ from, to, amount: 1_000_000_000n }))).toEqual(DONE);
  return id;
}

/** The answer of one request, computed by the worker. */
async function answered(gateway: TestGateway, worker: ScriptedWorker, headers: Record<string, string>, text: string) {
  const [response] = await Promise.all([gateway.ask({}, headers), answer(worker, text)]);
  return bodyOf(response);
}

/** A gateway where the first request under the key has failed. */
async function failedOnce(): Promise<{ gateway: TestGateway; worker: ScriptedWorker }> {
  const gateway = await openGateway(vocabularies);
  const worker = await gateway.worker();
  const asked = gateway.ask({}, once);
  await worker.lease();
  const { rows: stored } = await gateway.stack.ctx.pg.query("select key from jobs");
  const { queue } = gateway.stack.ctx;
  await queue.cancel(queue.find(stored[0].key)!, "a test ends it");
  expect((await asked).status).toBe(499);
  return { gateway, worker };
}

const states = async (gateway: TestGateway) =>
  (await gateway.stack.ctx.pg.query<{ state: string }>("select state from jobs order by created_at")).rows.map(
    ({ state }) => state,
  );

describe("an Idempotency-Key belongs to its owner", () => {
  test("after a key was replaced the same answer is found under the new one", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const { ctx } = gateway.stack;
    const owner = await newOwner(gateway);
    const old = await makeOwnKey(ctx, owner, { name: "old" });
    const first = await answered(gateway, worker, as(old.key, once), "Only once.");
    await revokeOwnKey(ctx, owner, old.id);
    const next = await makeOwnKey(ctx, owner, { name: "new" });
    const again = await bodyOf(await gateway.ask({}, as(next.key, once)));
    expect(again.id).toBe(first.id);
    expect(again.choices).toEqual(first.choices);
    expect((await gateway.ask({ temperature: 0.1 }, as(next.key, once))).status).toBe(409);
    expect(await rows(gateway, "jobs")).toBe(1);
  });

  test("somebody else's, or another key of the house's, is another one", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const { ctx } = gateway.stack;
    const [ann, eve] = [await newOwner(gateway), await newOwner(gateway, 43)];
    const keys = [
      (await makeOwnKey(ctx, ann, { name: "ann" })).key,
      (await makeOwnKey(ctx, eve, { name: "eve" })).key,
      gateway.key,
      (await createApiKey(ctx, "house")).key,
    ];
    const ids = new Set<string>();
    for (const [at, key] of keys.entries())
      ids.add((await answered(gateway, worker, as(key, once), `Answer ${at}.`)).id);
    expect(ids.size).toBe(4);
  });

  test("a job stored before people had keys is found by its key of the house", async () => {
    await using gateway = await openGateway(vocabularies);
    const worker = await gateway.worker();
    const first = await answered(gateway, worker, once, "Only once.");
    const { rows: stored } = await gateway.stack.ctx.pg.query("select j.key, k.id from jobs j, api_keys k");
    expect(stored[0].key).toMatch(new RegExp(`^completion:${stored[0].id}:[\\w-]{43}$`));
    expect((await bodyOf(await gateway.ask({}, once))).id).toBe(first.id);
  });
});

describe("an Idempotency-Key of a request that failed", () => {
  test("is free at once: the next one runs again and is kept", async () => {
    const { gateway, worker } = await failedOnce();
    await using _ = gateway;
    const second = await answered(gateway, worker, once, "At last.");
    expect(second.choices[0]?.message.content).toBe("At last.");
    expect((await bodyOf(await gateway.ask({}, once))).id).toBe(second.id);
    expect(await states(gateway)).toEqual(["cancelled", "done"]);
  });

  test("may hold another request then, which was a conflict before", async () => {
    const { gateway, worker } = await failedOnce();
    await using _ = gateway;
    const [response] = await Promise.all([gateway.ask({ temperature: 0.1 }, once), answer(worker, "Cooler.")]);
    expect(response.status).toBe(200);
    expect((await gateway.ask({}, once)).status).toBe(409);
  });

  test("tried again many times at once runs once", async () => {
    const { gateway, worker } = await failedOnce();
    await using _ = gateway;
    const tries = Array.from({ length: 8 }, () => gateway.ask({}, once));
    await answer(worker, "At last.");
    const bodies = await Promise.all(tries.map(async (one) => bodyOf(await one)));
    expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
    expect(await states(gateway)).toEqual(["cancelled", "done"]);
  });

  /** As a bill stands after the job: whether it is closed, how the request ended, and what was paid. */
  const bills = [
    ["failed and uncharged", "cancelled", { outcome: "failed", amount: 0 }, true],
    ["cancelled, but paid for what was delivered", "cancelled", { outcome: "stopped", amount: 7 }, false],
    ["not yet closed", "cancelled", null, false],
    ["failed after its job was done", "done", { outcome: "failed", amount: 0 }, true],
    ["answered free of charge", "done", { outcome: "answered", amount: 0 }, false],
  ] as const;
  test.each(bills)("is free by its bill: %s", async (_what, state, end, isFree) => {
    const { gateway, worker } = await failedOnce();
    await using _ = gateway;
    const bill = randomUUID();
    const { pg } = gateway.stack.ctx;
    await pg.query(
      `insert into bills (id, kind, paid_with, model, price, budget, day, closed_at, amount, receipt)
       values ($1, 'request', 'coin', 'm', '{}', 100, now(), $2, $3, $4)`,
      [bill, end && new Date(), end?.amount ?? 0, end && JSON.stringify({ outcome: end.outcome })],
    );
    await pg.query("update jobs set bill = $1, state = $2, finish_reason = 'stop'", [bill, state]);
    const asked = gateway.ask({}, once);
    if (isFree) await answer(worker, "Again.");
    const response = await asked;
    expect([response.status, await rows(gateway, "jobs")]).toEqual(
      isFree ? [200, 2] : [state === "done" ? 200 : 499, 1],
    );
    // It was made up, and no books have one like it.
    await pg.query("update jobs set bill = null where bill = $1", [bill]);
    await pg.query("delete from bills where id = $1", [bill]);
  });
});

test("an Idempotency-Key is free after a day", async () => {
  await using gateway = await openGateway(vocabularies);
  const worker = await gateway.worker();
  const first = await answered(gateway, worker, once, "Yesterday.");
  await gateway.stack.ctx.pg.query("update jobs set created_at = now() - interval '23 h 50 min'");
  expect((await bodyOf(await gateway.ask({}, once))).id).toBe(first.id);
  await gateway.stack.ctx.pg.query("update jobs set created_at = now() - interval '24 h 10 min'");
  const second = await answered(gateway, worker, once, "Today.");
  expect(second.choices[0]?.message.content).toBe("Today.");
});

describe("a key revoked while its request streams", () => {
  let gateway: TestGateway;
  let worker: ScriptedWorker;
  beforeEach(async () => {
    gateway = await openGateway(vocabularies);
    worker = await gateway.worker();
    return () => gateway[Symbol.asyncDispose]();
  });

  test("lets that answer end, and refuses the next request at once", async () => {
    const { ctx } = gateway.stack;
    const owner = await newOwner(gateway);
    const { id, key } = await makeOwnKey(ctx, owner, { name: "laptop" });
    const response = await gateway.ask({ stream: true }, as(key));
    const lease = await worker.lease();
    worker.tokens(lease, null, "The beginning ");
    await revokeOwnKey(ctx, owner, id);
    expect((await gateway.ask({}, as(key))).status).toBe(401);
    worker.tokens(lease, null, "and the end.");
    worker.done(lease);
    const events = await readEvents(response);
    expect(events.at(-1)).toBe("[DONE]");
    expect(events.join("")).toContain("and the end.");
    expect((await gateway.ask({}, as(key))).status).toBe(401);
    expect(await states(gateway)).toEqual(["done"]);
  });
});
