import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PaidWith } from "@starai/protocol/receipts";
import { createTestDatabase } from "../testing/database.ts";
import type { TestDatabase } from "../testing/database.ts";
import { keyUsageCsv } from "./key-usage.ts";
import { storeOwnKey } from "./own-keys.ts";

const NOW = Date.UTC(2026, 10, 29, 12);
const HEADER = "day,key,requests,failed,prompt_tokens,cached_tokens,answer_tokens,stars,coins";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const csv = (owner: string, id: string) => keyUsageCsv({ ...database, clock: () => NOW }, owner, id);

async function newOwner(): Promise<string> {
  const telegramId = Math.floor(Math.random() * 2 ** 40) + 1;
  const { rows } = await database.pg.query("insert into people (telegram_id, name) values ($1, 'Ann') returning id", [
    telegramId,
  ]);
  return rows[0].id;
}

interface Used {
  day: string;
  amount: number;
  paidWith: PaidWith;
  outcome?: string;
  open?: boolean;
}

/** A request as its bill stays: two jobs of 600 tokens, 400 of them known, and 100 of an answer. */
async function used(apiKey: string, { day, amount, paidWith, outcome = "answered", open = false }: Used) {
  const job = { promptTokens: 600, cachedTokens: 400, answerTokens: 100 };
  await database.pg.query(
    `insert into bills (id, kind, api_key, paid_with, model, price, budget, day, closed_at, amount, receipt)
     values ($1, 'request', $2, $3, 'm', '{}', 1000000000000, $4, $5, $6, $7)`,
    [
      randomUUID(),
      apiKey,
      paidWith,
      day,
      open ? null : new Date(NOW),
      open ? 0 : amount,
      open ? null : JSON.stringify({ outcome, jobs: [job, job] }),
    ],
  );
}

test("a key's days are counted whole, newest first, with what each was paid in", async () => {
  const owner = await newOwner();
  const { id } = await storeOwnKey(database, owner, { name: "laptop" });
  await used(id, { day: "2026-11-29", amount: 41_203, paidWith: "coin" });
  await used(id, { day: "2026-11-29", amount: 2_500_000_000, paidWith: "stars" });
  await used(id, { day: "2026-11-28", amount: 0, paidWith: "free", outcome: "failed" });
  await used(id, { day: "2026-11-28", amount: 0, paidWith: "free" });
  expect((await csv(owner, id)).split("\r\n")).toEqual([
    HEADER,
    '2026-11-29,"laptop",2,0,2400,1600,400,2.5,0.000041203',
    '2026-11-28,"laptop",2,1,2400,1600,400,0,0',
    "",
  ]);
});

test("requests under way, older than 92 days, or of another key are not in it", async () => {
  const owner = await newOwner();
  const { id } = await storeOwnKey(database, owner, { name: "laptop" });
  const other = await storeOwnKey(database, owner, { name: "other" });
  await used(id, { day: "2026-08-30", amount: 1, paidWith: "coin" });
  await used(id, { day: "2026-08-29", amount: 1, paidWith: "coin" });
  await used(id, { day: "2026-11-29", amount: 1, paidWith: "coin", open: true });
  await used(other.id, { day: "2026-11-29", amount: 1, paidWith: "coin" });
  expect((await csv(owner, id)).split("\r\n")).toEqual([
    HEADER,
    '2026-08-30,"laptop",1,0,1200,800,200,0,0.000000001',
    "",
  ]);
});

test("a revoked key's days stay, a stranger's are not found", async () => {
  const owner = await newOwner();
  const { id } = await storeOwnKey(database, owner, { name: "laptop" });
  await database.pg.query("update api_keys set revoked_at = now() where id = $1", [id]);
  expect(await csv(owner, id)).toBe(`${HEADER}\r\n`);
  await expect(csv(await newOwner(), id)).rejects.toMatchObject({ code: "not_found" });
  await expect(csv(owner, randomUUID())).rejects.toMatchObject({ code: "not_found" });
});

test.each([
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ["+1", `"'+1"`],
  ["-1", `"'-1"`],
  ["@SUM(A1)", `"'@SUM(A1)"`],
  [" =1", `"' =1"`],
  ["a, b", `"a, b"`],
  ["a=b", `"a=b"`],
])("a key named %j is a text in a spreadsheet", async (name, cell) => {
  const owner = await newOwner();
  const { id } = await storeOwnKey(database, owner, { name });
  await used(id, { day: "2026-11-29", amount: 0, paidWith: "free" });
  expect((await csv(owner, id)).split("\r\n")[1]).toBe(`2026-11-29,${cell},1,0,1200,800,200,0,0`);
});

test("of more requests than are read at once only whole days are given, the newest always", async () => {
  const owner = await newOwner();
  const { id } = await storeOwnKey(database, owner, { name: "busy" });
  const many = (day: string, count: number) =>
    database.pg.query(
      `insert into bills (id, kind, api_key, paid_with, model, price, budget, day, closed_at, receipt)
       select gen_random_uuid(), 'request', $1, 'house', 'm', '{}', 0, $2, now(), '{"outcome":"answered","jobs":[]}'
       from generate_series(1, $3)`,
      [id, day, count],
    );
  await many("2026-11-29", 30_000);
  await many("2026-11-28", 20_001);
  expect((await csv(owner, id)).split("\r\n")).toEqual([HEADER, '2026-11-29,"busy",30000,0,0,0,0,0,0', ""]);
});
