/** What a batch locks: everything that decides about it, and nothing of others. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DONE, captureOf, holdOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import { applyOperations } from "./apply-operations.ts";
import type { Capture, Hold } from "./rules/operation.ts";
import { BEGIN, inTransaction } from "./transaction.ts";

let books: TestLedger;
beforeAll(async () => {
  books = await openTestLedger();
});
afterEach(() => books.expectSound());
afterAll(() => books[Symbol.asyncDispose]());

/** A person of their own with a hold of 100, of which 40 are captured. */
async function answerUnderWay(): Promise<{ owner: string; hold: Hold; step: Capture }> {
  const [person, worker] = [await books.account("person", 1_000n), await books.account("earner")];
  const owner = `person:${randomUUID()}`;
  const hold = holdOf({ account: person, amount: 100n, caps: [{ owner, amount: 500n }] });
  const step = captureOf({ hold: hold.id, legs: [{ to: worker, amount: 40n, kind: "earned" }] });
  for (const one of [hold, step]) expect(await books.ledger.do(one)).toEqual(DONE);
  return { owner, hold, step };
}

async function spentBy(owner: string): Promise<unknown> {
  const { rows } = await books.pg.query("select spent, held from spend_days where owner = $1", [owner]);
  return rows[0];
}

function capsOf(count: number): Hold["caps"] {
  return Array.from({ length: count }, () => ({ owner: `person:${randomUUID()}`, amount: 500n }));
}

test("a capture and a reversal in one batch both count for their days", async () => {
  const [one, other] = [await answerUnderWay(), await answerUnderWay()];
  const capture = captureOf({ hold: one.hold.id, legs: [{ ...one.step.legs[0]!, amount: 10n }] });
  const reversal = { verb: "reverse", key: randomUUID(), of: other.step.key } as const;
  const outcomes = await inTransaction(books.pg, BEGIN, (client) =>
    applyOperations(client, [capture, reversal], { halted: false }),
  );
  expect(outcomes).toEqual([DONE, DONE]);
  expect(await spentBy(one.owner)).toEqual({ spent: "50", held: "50" });
  expect(await spentBy(other.owner)).toEqual({ spent: "0", held: "100" });
});

test.each(["an answer's end", "a reversal"])("%s does not wait for what somebody else has locked", async (what) => {
  const [one, other] = [await answerUnderWay(), await answerUnderWay()];
  const operation =
    what === "a reversal"
      ? ({ verb: "reverse", key: randomUUID(), of: one.step.key } as const)
      : ({ verb: "release", hold: one.hold.id } as const);
  const outcomes = await inTransaction(books.pg, BEGIN, async (client) => {
    await client.query("select from ledger_holds where id = $1 for update", [other.hold.id]);
    await client.query("select from ledger_accounts where id = $1 for update", [other.hold.account]);
    await client.query("select from spend_days where owner = $1 for update", [other.owner]);
    return inTransaction(books.pg, `${BEGIN}; set local lock_timeout = '5s'`, (beside) =>
      applyOperations(beside, [operation], { halted: false }),
    );
  });
  expect(outcomes).toEqual([DONE]);
});

test("a hold counts against as many caps as a chat's, a person's and a key's, and no more", async () => {
  const person = await books.account("person", 1_000n);
  const hold = holdOf({ account: person, amount: 100n, caps: capsOf(3) });
  expect(await books.ledger.do(hold)).toEqual(DONE);
  for (const { owner } of hold.caps) expect(await spentBy(owner)).toEqual({ spent: "0", held: "100" });
  const four = holdOf({ account: person, amount: 100n, caps: capsOf(4) });
  await expect(books.ledger.do(four)).rejects.toThrow("too many or repeated caps");
  expect(await books.ledger.do({ verb: "release", hold: hold.id })).toEqual(DONE);
});
