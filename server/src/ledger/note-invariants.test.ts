/** Each invariant of credit notes is seen broken, and what moves a worker's pay elsewhere breaks none. */
import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { noteByHand } from "../testing/credit-notes.ts";
import { DONE, captureOf, holdOf, moveOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import type { AccountKind } from "./rules/account-kinds.ts";
import { NOTE_INVARIANTS } from "./note-invariants.ts";
import { verifyLedger } from "./verify-ledger.ts";

let books: TestLedger;
let worker: string;
let account: number;
let job: string;
beforeEach(async () => {
  books = await openTestLedger();
  worker = randomBytes(32).toString("hex");
  account = await books.ledger.openAccount({ asset: "coin", kind: "earner", owner: `worker:${worker}` });
  const { hold, key } = await earn(30n);
  await books.ledger.do({ verb: "release", hold });
  job = key;
  await note(key);
});
afterEach(() => books[Symbol.asyncDispose]());

async function earn(amount: bigint): Promise<{ hold: string; key: string }> {
  const hold = holdOf({ account: await books.account("person", 100n), amount: 100n });
  await books.ledger.do(hold);
  const capture = captureOf({ hold: hold.id, legs: [{ to: account, amount, kind: "earned" }] });
  expect(await books.ledger.do(capture)).toEqual(DONE);
  return { hold: hold.id, key: capture.key };
}

const note = (key: string) => noteByHand(books.pg, [key]);

const house = (kind: AccountKind) => books.ledger.openAccount({ asset: "coin", kind, owner: "house" });
const brokenIn = async (options: { whole?: boolean } = {}) => {
  const { findings } = await verifyLedger(books.pg, { now: new Date(), ...options });
  return findings.map(({ invariant, severity }) => `${severity}: ${invariant}`);
};
const [sum, last, numbers] = NOTE_INVARIANTS.map(({ name, severity }) => `${severity}: ${name}`) as [
  string,
  string,
  string,
];

test("notes that say what was earned are right, also while an answer is under way", async () => {
  expect(await brokenIn()).toEqual([]);
  const { hold, key } = await earn(5n);
  expect(await brokenIn()).toEqual([]);
  await books.ledger.do({ verb: "release", hold });
  expect(await brokenIn()).toEqual([sum]);
  await note(key);
  expect(await brokenIn()).toEqual([]);
});

test("what an answer gave back was never earned, and one key is noted once", async () => {
  const { hold, key } = await earn(5n);
  await books.ledger.do({ verb: "reverse", key: randomUUID(), of: key });
  await books.ledger.do({ verb: "release", hold });
  await note(job);
  expect(await brokenIn({ whole: true })).toEqual([]);
  const { rows } = await books.pg.query("select count(*)::int as notes from credit_notes");
  expect(rows).toEqual([{ notes: 1 }]);
});

test("pay that an epoch moved to a leaf, with something for being there, stays as it was noted", async () => {
  const move = { kind: "availability", from: await house("chain_deposits"), to: account, amount: 4n };
  await books.ledger.do(moveOf(move));
  await books.pg.query(
    "insert into epoch_lines (epoch, worker, wallet, earned, availability, released, held) values (1, $1, '0:0', 30, 4, 34, 0)",
    [worker],
  );
  const leaf = await books.ledger.openAccount({ asset: "coin", kind: "earner", owner: "wallet:0" });
  await books.ledger.do(moveOf({ from: account, to: leaf, amount: 34n, kind: "epoch_leaf" }));
  expect(await brokenIn({ whole: true })).toEqual([]);
});

test("money without a note, a note without money and a changed total are found", async () => {
  await books.ledger.do(moveOf({ from: await house("chain_deposits"), to: account, amount: 1n, kind: "loss" }));
  expect(await brokenIn()).toEqual([sum]);
  await books.pg.query("update credit_totals set total = total + 1");
  expect(await brokenIn()).toEqual([last]);
  await books.pg.query("update credit_notes set total = total + 1");
  expect(await brokenIn({ whole: true })).toEqual([numbers]);
});

test("a gap is found where everything is looked at", async () => {
  expect(await brokenIn()).toEqual([]);
  await books.pg.query("update credit_notes set number = 2; update credit_totals set notes = 2");
  expect(await brokenIn()).toEqual([]);
  expect(await brokenIn({ whole: true })).toEqual([numbers]);
});
