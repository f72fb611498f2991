/** An answer of a real group, from its lease to its receipt: the group's own idea of the work decides the pay. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import { Receipt } from "@starai/protocol/receipts";
import { closeBillAlone } from "../billing/close-bill.ts";
import { openBill } from "../billing/open-bill.ts";
import { bills, creditNotes } from "../db/schema.ts";
import { divideByWork } from "../prices/divide-by-work.ts";
import { faultsInNumbers } from "../receipts/check-receipt.ts";
import { expectBooksRight } from "../testing/books.ts";
import { fund, whole } from "../testing/money.ts";
import { jobInput, testVocabularies } from "../testing/pool-stack.ts";
import { SPLIT_MODEL, SplitPool } from "../testing/split-pool.ts";
import { Words, heard } from "../testing/words.ts";
import { submitJob } from "./submit-job.ts";

const vocabularies = testVocabularies();
let words: Words;
beforeAll(async () => {
  words = await Words.of(vocabularies);
});
afterAll(() => vocabularies[Symbol.asyncDispose]());

async function openPaid({ ctx }: SplitPool) {
  const ann = randomUUID();
  await fund(ctx, ann, { stars: whole(50) });
  const asked = { kind: "request" as const, person: ann, apiKey: null, inGroup: false, askPercent: 100 };
  const step = { promptTokens: 1_000, answerTokensMax: 500 };
  return openBill(ctx, { id: randomUUID(), ...asked, model: SPLIT_MODEL, steps: [step] });
}

async function noted({ ctx }: SplitPool, worker: string): Promise<bigint> {
  const rows = await ctx.db.select().from(creditNotes).where(eq(creditNotes.worker, worker));
  return rows.reduce((sum, { amount }) => sum + amount, 0n);
}

async function receiptOf({ ctx }: SplitPool, id: string): Promise<Receipt> {
  const [row] = await ctx.db.select().from(bills).where(eq(bills.id, id));
  return Receipt.parse(JSON.parse(row!.receipt!));
}

test("a group's answer pays its head and its node by the weights that each computed", async () => {
  await using pool = await SplitPool.open(vocabularies);
  const [head, node] = [await pool.head("head"), await pool.lend("node")];
  await pool.up(head, [node]);
  const members = pool.ctx.registry.membersOf(head.keys.key, SPLIT_MODEL.id)!;
  const { id } = await openPaid(pool);
  const handle = await submitJob(pool.ctx, jobInput({ bill: id, isPaid: true }));
  words.answer(head, await head.lease());
  await handle.result();
  await closeBillAlone(pool.ctx, { bill: id, end: "answered" });
  const receipt = await receiptOf(pool, id);
  expect(faultsInNumbers(receipt)).toEqual([]);
  const { workers } = receipt.jobs[0]!;
  expect(workers.map(({ work }) => work!.layers)).toEqual(members.map(({ layers }) => layers));
  expect(workers[0]!.work!.ofLayers).toBe(SPLIT_MODEL.shape!.layers);
  const all = workers.reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  expect(all).toBeGreaterThan(0n);
  const due = divideByWork(
    all,
    members.map(({ work }) => work),
  );
  expect([await noted(pool, head.keys.key), await noted(pool, node.keys.key)]).toEqual(due);
  await expectBooksRight(pool.ctx.pg);
});

test("a group that lost its node is paid for what it delivered before, and whoever goes on for the rest", async () => {
  await using pool = await SplitPool.open(vocabularies);
  const [head, node] = [await pool.head("head"), await pool.lend("node")];
  await pool.up(head, [node]);
  const { id } = await openPaid(pool);
  const handle = await submitJob(pool.ctx, jobInput({ bill: id, isPaid: true }));
  words.speak(head, await head.lease(), 0, 2);
  await heard(handle, words.text(0, 2));
  const other = await pool.stack.worker("alone");
  node.kill();
  const rest = await other.lease();
  words.speak(other, rest, 2, 4);
  other.done(rest);
  await handle.result();
  await closeBillAlone(pool.ctx, { bill: id, end: "answered" });
  const receipt = await receiptOf(pool, id);
  expect(faultsInNumbers(receipt)).toEqual([]);
  expect(receipt.jobs[0]!.workers.map(({ name, tokens }) => [name, tokens])).toEqual([
    ["head", 2],
    ["node", 2],
    ["alone", 2],
  ]);
  const [together, alone] = [
    (await noted(pool, head.keys.key)) + (await noted(pool, node.keys.key)),
    await noted(pool, other.keys.key),
  ];
  expect(together).toBe(alone);
  expect(together).toBeGreaterThan(0n);
  await expectBooksRight(pool.ctx.pg);
});
