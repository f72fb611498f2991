/** Who can get at a receipt: its person, and whoever they show its id to; nobody finds one by looking around. */
import { beforeEach, expect, test } from "vitest";
import { answerOf } from "../client.ts";
import { checkReceipt } from "../receipts/check-receipt.ts";
import { receiptKeys } from "../db/schema.ts";
import type { TestApp } from "../testing/app.ts";
import { billOf, fund, whole } from "../testing/money.ts";
import { inOneApp } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";

let stack: TestApp;
let ann: TestPerson;

inOneApp((app, person) => ([stack, ann] = [app, person]));
beforeEach(async () => {
  const { id, publicKey } = stack.ctx.signer;
  await stack.ctx.db.insert(receiptKeys).values({ id, publicKey }).onConflictDoNothing();
});

const textOf = async (route: string) => (await stack.app.request(route)).text();

test("anybody who has a receipt's id reads it exactly as it was signed, also when the answer is deleted", async () => {
  await fund(stack.ctx, ann.person.id, { coin: whole(1) });
  const { thread, asked } = await ann.talk("What is rain?");
  const id = await billOf(stack.ctx, { id: asked[0]!.run, person: ann.person.id, amount: 41_203n, budget: 50_000n });
  const read = async () => JSON.parse(await textOf(`/api/receipts/${id}`)) as Parameters<typeof checkReceipt>[0];
  const { keys } = JSON.parse(await textOf("/api/receipt-keys")) as { keys: Parameters<typeof checkReceipt>[1] };
  const before = await read();
  expect(checkReceipt(before, keys)).toMatchObject({ faults: [], receipt: { id, amount: "41203" } });
  expect(before.receipt).not.toContain("rain");
  await answerOf(() => ann.my.threads[":id"].$delete({ param: { id: thread } }));
  expect(await read()).toEqual(before);
});

test("what strangers may read names no run, so no receipt: shared pages, the pool, health", async () => {
  const { thread, asked } = await ann.talk("What is rain?", "And snow?");
  const { share } = await answerOf(() => ann.my.threads[":id"].share.$put({ param: { id: thread } }));
  const seen = await Promise.all([`/api/shared/${share.id}`, "/api/pool", "/api/about", "/healthz"].map(textOf));
  expect(seen[0]).toContain("What is rain?");
  for (const { run, message } of asked) for (const id of [run, message]) expect(seen.join("\n")).not.toContain(id);
});
