/** A developer makes a key, spends with it, sees what it cost, and is told 402 when nothing is left or a limit is reached. */
import { afterAll, beforeEach, expect, test } from "vitest";
import { keyUsageCsv } from "../gateway/key-usage.ts";
import { listOwnKeys, makeOwnKey } from "../gateway/own-keys.ts";
import { sweepBills } from "../billing/sweep-bills.ts";
import { verifyLedger } from "../ledger/verify-ledger.ts";
import { bodyOf, rows } from "../testing/completions.ts";
import { answer, openGateway } from "../testing/gateway.ts";
import type { TestGateway } from "../testing/gateway.ts";
import { DONE, moveOf } from "../testing/ledger.ts";
import { testVocabularies } from "../testing/pool-stack.ts";
import type { ScriptedWorker } from "../testing/scripted-worker.ts";

const vocabularies = testVocabularies();
afterAll(() => vocabularies[Symbol.asyncDispose]());

let gateway: TestGateway;
let worker: ScriptedWorker;
let owner: string;
let key: Awaited<ReturnType<typeof makeOwnKey>>;
beforeEach(async () => {
  gateway = await openGateway(vocabularies);
  worker = await gateway.worker();
  const { pg } = gateway.stack.ctx;
  owner = (await pg.query("insert into people (telegram_id, name) values (42, 'Ann') returning id")).rows[0].id;
  key = await makeOwnKey(gateway.stack.ctx, owner, { name: "laptop", dayCap: 1_000_000 });
  return () => gateway[Symbol.asyncDispose]();
});

const ask = (body: Record<string, unknown> = {}) => gateway.ask(body, { authorization: `Bearer ${key.key}` });

async function fund(stars: bigint): Promise<void> {
  const { ledger } = gateway.stack.ctx;
  const from = await ledger.openAccount({ asset: "stars", kind: "telegram_stars", owner: "house" });
  const to = await ledger.openAccount({ asset: "stars", kind: "person", owner: `person:${owner}` });
  expect(await ledger.do(moveOf({ from, to, amount: stars }))).toEqual(DONE);
}

async function balance(): Promise<bigint> {
  const { pg } = gateway.stack.ctx;
  const { rows: accounts } = await pg.query(
    "select balance from ledger_accounts where asset = 'stars' and owner = $1 and kind = 'person'",
    [`person:${owner}`],
  );
  return BigInt(accounts[0]?.balance ?? 0);
}

test("without a balance a request is refused with 402 and what to do, and nothing of it is kept", async () => {
  const response = await ask();
  expect(response.status).toBe(402);
  expect((await bodyOf(response)).error).toMatchObject({ type: "insufficient_quota", code: "insufficient_quota" });
  expect(await rows(gateway, "jobs")).toBe(0);
  expect(await rows(gateway, "ledger_holds where closed_at is null")).toBe(0);
});

test("what a request costs is the same in the balance, the key's list, its usage and the bill", async () => {
  await fund(1_000_000_000n);
  const [response] = await Promise.all([ask(), answer(worker, "An answer of some words.")]);
  expect(response.status).toBe(200);
  const receipt = await gateway.app.request(`/api/receipts/${response.headers.get("starai-receipt")}`);
  expect(receipt.status).toBe(200);
  const spent = 1_000_000_000n - (await balance());
  expect(spent).toBeGreaterThan(0n);
  const { ctx } = gateway.stack;
  const [listed] = await listOwnKeys(ctx, owner);
  expect(listed?.spentToday).toEqual({ stars: String(spent), coin: "0" });
  const { rows: bill } = await ctx.pg.query("select amount, api_key, person, paid_with from bills");
  expect(bill).toEqual([{ amount: String(spent), api_key: key.id, person: owner, paid_with: "stars" }]);
  const [, line = ""] = (await keyUsageCsv(ctx, owner, key.id)).split("\r\n");
  const [, name, requests, failed, , , , stars] = line.split(",");
  expect([name, requests, failed]).toEqual(['"laptop"', "1", "0"]);
  expect(Number(stars)).toBeCloseTo(Number(spent) / 1e9, 9);
});

test("a key at its day's limit is refused with 402, while another key of the same person goes on", async () => {
  await fund(1_000_000_000n);
  await Promise.all([ask(), answer(worker, "One.")]);
  const { pg } = gateway.stack.ctx;
  const day = `key:${key.id}`;
  const { rows: before } = await pg.query("select spent from spend_days where owner = $1", [day]);
  await pg.query("update spend_days set spent = cap where owner = $1", [day]);
  const refused = await ask();
  expect(refused.status).toBe(402);
  expect((await bodyOf(refused)).error).toMatchObject({ type: "insufficient_quota", code: "cap_reached" });
  await pg.query("update spend_days set spent = $2 where owner = $1", [day, before[0].spent]);
  key = await makeOwnKey(gateway.stack.ctx, owner, { name: "other" });
  const [other] = await Promise.all([ask(), answer(worker, "Two.")]);
  expect(other.status).toBe(200);
});

test("a stream that outlives its hold keeps it: nothing is given back under it, and what was delivered is paid", async () => {
  await fund(1_000_000_000n);
  const { ctx } = gateway.stack;
  const response = await ask({ stream: true });
  const lease = await worker.lease();
  worker.tokens(lease, null, "The beginning ");
  await ctx.pg.query("update ledger_holds set expires_at = now() - interval '1 hour'");
  await ctx.pg.query("update bills set opened_at = now() - interval '2 hours'");
  expect(await sweepBills(ctx)).toBe(0);
  // Somebody is told all the same.
  const { findings } = await verifyLedger(ctx.pg, { now: new Date() });
  expect(findings.map(({ severity }) => severity)).toEqual(["page"]);
  worker.tokens(lease, null, "and the end.");
  worker.done(lease);
  expect(await response.text()).toContain("and the end.");
  await expect.poll(() => rows(gateway, "ledger_holds where closed_at is null")).toBe(0);
  const { rows: bills } = await ctx.pg.query("select amount from bills");
  expect(BigInt(bills[0].amount)).toBeGreaterThan(0n);
  expect(await balance()).toBe(1_000_000_000n - BigInt(bills[0].amount));
  expect(await sweepBills(ctx)).toBe(0);
});

test("a request that failed costs nothing, and its Idempotency-Key is free for one that is paid once", async () => {
  await fund(1_000_000_000n);
  const headers = { authorization: `Bearer ${key.key}`, "idempotency-key": "once" };
  const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
  const body = { stream: true, response_format: { type: "json_schema", json_schema: { name: "x", schema } } };
  const broken = gateway.ask(body, headers);
  // Broken twice by the only worker, an answer fails.
  for (let leases = 0; leases < 2; leases++) await answer(worker, "no json at all");
  expect(await (await broken).text()).toContain('"error"');
  expect(await balance()).toBe(1_000_000_000n);
  // The worker is paused for what it sent.
  worker.kill();
  worker = await gateway.worker();
  const again = gateway.ask(body, headers);
  await answer(worker, '{"a":1}');
  expect(await (await again).text()).toContain("[DONE]");
  const after = await balance();
  expect(after).toBeLessThan(1_000_000_000n);
  expect(await (await gateway.ask(body, headers)).text()).toContain("[DONE]");
  expect(await balance()).toBe(after);
});
