/** What can be asked of the ledger, and what cannot. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { AGAIN, CONFLICT, DONE, captureOf, holdOf, moveOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import { applyOperations } from "./apply-operations.ts";
import { Ledger } from "./ledger.ts";
import { BEGIN, inTransaction } from "./transaction.ts";

let books: TestLedger;
beforeAll(async () => {
  books = await openTestLedger();
});
afterEach(() => books.expectSound());
afterAll(() => books[Symbol.asyncDispose]());

test("a deposit moves money from outside to a person, once however often it comes", async () => {
  const { ledger, account, balance } = books;
  const [chain, person] = [await account("chain_deposits"), await account("person")];
  const deposit = moveOf({ from: chain, to: person, amount: 1_000n });
  expect(await ledger.do(deposit)).toEqual(DONE);
  expect(await Promise.all([ledger.do(deposit), ledger.do(deposit)])).toEqual([AGAIN, AGAIN]);
  expect(await ledger.do({ ...deposit, amount: 999n })).toEqual(CONFLICT);
  expect([await balance(chain), await balance(person)]).toEqual([
    { balance: -1_000n, held: 0n },
    { balance: 1_000n, held: 0n },
  ]);
});

test("one key asked many times in one batch has one effect", async () => {
  const { ledger, account, balance } = books;
  const [chain, person] = [await account("chain_deposits"), await account("person")];
  const deposit = moveOf({ from: chain, to: person, amount: 7n });
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => ledger.do(deposit)));
  expect(outcomes.filter(({ kind }) => kind === "done")).toHaveLength(1);
  expect(outcomes.filter(({ kind }) => kind === "again")).toHaveLength(19);
  expect(await balance(person)).toEqual({ balance: 7n, held: 0n });
});

test("an amount moved there and back in one batch is posted twice, and happens once although no balance changed", async () => {
  const { ledger, account, balance } = books;
  const [person, other] = [await account("person", 10n), await account("person", 10n)];
  const there = moveOf({ from: person, to: other, amount: 3n });
  const back = moveOf({ from: other, to: person, amount: 3n });
  expect(await Promise.all([ledger.do(there), ledger.do(back)])).toEqual([DONE, DONE]);
  expect(await amountsPosted([there.key, back.key])).toEqual(["3", "3"]);
  // Whoever missed the answer to one of them asks for that one alone.
  expect(await ledger.do(there)).toEqual(AGAIN);
  expect(await balance(person)).toEqual({ balance: 10n, held: 0n });
});

test("a capture reversed in its own batch is posted with its reversal, and neither happens again", async () => {
  const { ledger, account, balance } = books;
  const [person, worker] = [await account("person", 10n), await account("earner")];
  const hold = holdOf({ account: person, amount: 5n });
  await ledger.do(hold);
  const capture = captureOf({ hold: hold.id, legs: [{ to: worker, amount: 4n, kind: "earned" }] });
  const undo = { verb: "reverse", key: randomUUID(), of: capture.key } as const;
  expect(await Promise.all([ledger.do(capture), ledger.do(undo)])).toEqual([DONE, DONE]);
  expect(await amountsPosted([capture.key, undo.key])).toEqual(["4", "4"]);
  expect(await ledger.do(capture)).toEqual(AGAIN);
  const refused = { kind: "refused", because: { code: "reversed_before" } };
  expect(await ledger.do({ ...undo, key: randomUUID() })).toEqual(refused);
  expect(await balance(person)).toEqual({ balance: 10n, held: 5n });
});

async function amountsPosted(keys: readonly string[]): Promise<string[]> {
  const { rows } = await books.pg.query<{ amount: string }>(
    "select amount from ledger_postings where key = any($1::uuid[])",
    [keys],
  );
  return rows.map(({ amount }) => amount);
}

test("an account is opened once, and found afterwards", async () => {
  const { ledger } = books;
  const name = { asset: "coin", kind: "person", owner: "person:1" } as const;
  const ids = await Promise.all(Array.from({ length: 8 }, () => ledger.openAccount(name)));
  expect(new Set(ids).size).toBe(1);
  expect(await ledger.openAccount({ ...name, asset: "stars" })).not.toBe(ids[0]);
});

test("nobody pays more than they have, and nothing of what is held", async () => {
  const { ledger, account } = books;
  const [person, other] = [await account("person", 100n), await account("person")];
  expect(await ledger.do(holdOf({ account: person, amount: 60n }))).toEqual(DONE);
  const short = { code: "short", account: person, needed: 41n, available: 40n };
  const refused = { kind: "refused", because: short };
  expect(await ledger.do(moveOf({ from: person, to: other, amount: 41n }))).toEqual(refused);
  expect(await ledger.do(holdOf({ account: person, amount: 41n }))).toEqual(refused);
  expect(await ledger.do(moveOf({ from: person, to: other, amount: 40n }))).toEqual(DONE);
});

test("an answer is paid step by step out of its hold, and the rest is free again at its end", async () => {
  const { ledger, account, balance } = books;
  const [person, worker, fees] = [await account("person", 1_000n), await account("earner"), await account("fees")];
  const hold = holdOf({ account: person, amount: 300n });
  expect(await ledger.do(hold)).toEqual(DONE);
  expect(await balance(person)).toEqual({ balance: 1_000n, held: 300n });
  const legs = [
    { to: worker, amount: 45n, kind: "earned" },
    { to: fees, amount: 5n, kind: "fee" },
  ];
  const step = captureOf({ hold: hold.id, legs });
  expect(await ledger.do(step)).toEqual(DONE);
  expect(await ledger.do(step)).toEqual(AGAIN);
  expect(await ledger.do({ ...step, legs: legs.slice(0, 1) })).toEqual(CONFLICT);
  expect(await ledger.do(captureOf({ hold: hold.id, legs }))).toEqual(DONE);
  expect(await ledger.do({ verb: "release", hold: hold.id })).toEqual(DONE);
  expect(await ledger.do({ verb: "release", hold: hold.id })).toEqual(AGAIN);
  expect(await balance(person)).toEqual({ balance: 900n, held: 0n });
  expect([(await balance(worker)).balance, (await balance(fees)).balance]).toEqual([90n, 10n]);
});

test("a hold pays no more than its amount, nothing after its end, and nothing without having been opened", async () => {
  const { ledger, account } = books;
  const [person, worker] = [await account("person", 1_000n), await account("earner")];
  const hold = holdOf({ account: person, amount: 100n });
  await ledger.do(hold);
  const capture = (amount: bigint, id = hold.id) =>
    ledger.do(captureOf({ hold: id, legs: [{ to: worker, amount, kind: "earned" }] }));
  expect(await capture(101n)).toEqual({
    kind: "refused",
    because: { code: "over_hold", needed: 101n, available: 100n },
  });
  expect(await capture(60n)).toEqual(DONE);
  expect(await capture(41n)).toMatchObject({ because: { code: "over_hold", available: 40n } });
  await ledger.do({ verb: "release", hold: hold.id });
  expect(await capture(1n)).toEqual({ kind: "refused", because: { code: "hold_closed" } });
  expect(await capture(1n, randomUUID())).toEqual({ kind: "refused", because: { code: "unknown_hold" } });
  expect(await ledger.do({ verb: "release", hold: randomUUID() })).toMatchObject({ because: { code: "unknown_hold" } });
});

test("the same hold asked again is the same, also on another day and under another cap; another one is a conflict", async () => {
  const { ledger, account, balance } = books;
  const person = await account("person", 1_000n);
  const hold = holdOf({ account: person, amount: 100n, caps: [{ owner: "person:1", amount: 500n }] });
  expect(await ledger.do(hold)).toEqual(DONE);
  expect(await ledger.do({ ...hold, day: "2026-11-30", caps: [{ owner: "person:1", amount: 1n }] })).toEqual(AGAIN);
  expect(await ledger.do({ ...hold, amount: 101n })).toEqual(CONFLICT);
  expect(await balance(person)).toEqual({ balance: 1_000n, held: 100n });
});

test("one poor account does not fail the batch of the others", async () => {
  const { ledger, account } = books;
  const [poor, rich] = [await account("person", 10n), await account("person", 100n)];
  const asked = [
    holdOf({ account: rich, amount: 50n }),
    holdOf({ account: poor, amount: 11n }),
    holdOf({ account: poor, amount: 10n }),
    holdOf({ account: rich, amount: 50n }),
  ];
  const outcomes = await Promise.all(asked.map((one) => ledger.do(one)));
  expect(outcomes.map(({ kind }) => kind)).toEqual(["done", "refused", "done", "done"]);
});

test("sixty spenders at once get exactly what there is, to the last nano unit", async () => {
  const { ledger, account, balance } = books;
  const person = await account("person", 601n);
  const outcomes = await Promise.all(
    Array.from({ length: 60 }, () => ledger.do(holdOf({ account: person, amount: 20n }))),
  );
  expect(outcomes.filter(({ kind }) => kind === "done")).toHaveLength(30);
  expect(await ledger.do(holdOf({ account: person, amount: 1n }))).toEqual(DONE);
  expect(await ledger.do(holdOf({ account: person, amount: 1n }))).toMatchObject({ because: { available: 0n } });
  expect(await balance(person)).toEqual({ balance: 601n, held: 601n });
});

test("sixty spenders at once do not pass a cap, which counts what is spent and what is held", async () => {
  const { ledger, account } = books;
  const [person, worker] = [await account("person", 1_000_000n), await account("earner")];
  const [personCap, keyCap] = [`person:${randomUUID()}`, `key:${randomUUID()}`];
  const caps = [
    { owner: personCap, amount: 700n },
    { owner: keyCap, amount: 5_000n },
  ];
  const spent = holdOf({ account: person, amount: 160n, caps });
  await ledger.do(spent);
  await ledger.do(captureOf({ hold: spent.id, legs: [{ to: worker, amount: 100n, kind: "earned" }] }));
  await ledger.do({ verb: "release", hold: spent.id });
  const outcomes = await Promise.all(
    Array.from({ length: 60 }, () => ledger.do(holdOf({ account: person, amount: 60n, caps }))),
  );
  expect(outcomes.filter(({ kind }) => kind === "done")).toHaveLength(10);
  expect(outcomes.find(({ kind }) => kind === "refused")).toEqual({
    kind: "refused",
    because: { code: "over_cap", owner: personCap, cap: 700n, left: 0n },
  });
  expect(await spendDay(personCap)).toEqual({ cap: "700", spent: "100", held: "600" });
  expect(await spendDay(keyCap)).toEqual({ cap: "5000", spent: "100", held: "600" });
});

test("a cap that was lowered refuses the next hold and leaves the open one alone", async () => {
  const { ledger, account } = books;
  const [person, worker] = [await account("person", 1_000n), await account("earner")];
  const owner = `person:${randomUUID()}`;
  const capped = (amount: bigint) => holdOf({ account: person, amount: 100n, caps: [{ owner, amount }] });
  const open = capped(500n);
  await ledger.do(open);
  expect(await ledger.do(capped(150n))).toMatchObject({ because: { code: "over_cap", cap: 150n, left: 50n } });
  expect(await ledger.do(captureOf({ hold: open.id, legs: [{ to: worker, amount: 100n, kind: "earned" }] }))).toEqual(
    DONE,
  );
  expect(await ledger.do(capped(200n))).toEqual(DONE);
});

test("a capture that is reversed goes back into its open hold, and no longer counts as spent", async () => {
  const { ledger, account, balance } = books;
  const [person, worker] = [await account("person", 1_000n), await account("earner")];
  const owner = `person:${randomUUID()}`;
  const hold = holdOf({ account: person, amount: 100n, caps: [{ owner, amount: 500n }] });
  const step = captureOf({ hold: hold.id, legs: [{ to: worker, amount: 70n, kind: "earned" }] });
  await ledger.do(hold);
  await ledger.do(step);
  const reversal = { verb: "reverse", key: randomUUID(), of: step.key } as const;
  expect(await ledger.do(reversal)).toEqual(DONE);
  expect(await ledger.do(reversal)).toEqual(AGAIN);
  expect(await ledger.do({ ...reversal, key: randomUUID() })).toMatchObject({ because: { code: "reversed_before" } });
  expect(await balance(person)).toEqual({ balance: 1_000n, held: 100n });
  expect(await balance(worker)).toEqual({ balance: 0n, held: 0n });
  expect(await spendDay(owner)).toEqual({ cap: "500", spent: "0", held: "100" });
});

test("a capture reversed after its hold was closed goes to the free balance", async () => {
  const { ledger, account, balance } = books;
  const [person, worker] = [await account("person", 1_000n), await account("earner")];
  const owner = `person:${randomUUID()}`;
  const hold = holdOf({ account: person, amount: 100n, caps: [{ owner, amount: 500n }] });
  const step = captureOf({ hold: hold.id, legs: [{ to: worker, amount: 70n, kind: "earned" }] });
  for (const one of [hold, step, { verb: "release", hold: hold.id } as const])
    expect(await ledger.do(one)).toEqual(DONE);
  expect(await ledger.do({ verb: "reverse", key: randomUUID(), of: step.key })).toEqual(DONE);
  expect(await balance(person)).toEqual({ balance: 1_000n, held: 0n });
  expect(await spendDay(owner)).toEqual({ cap: "500", spent: "0", held: "0" });
});

test("what was spent on cannot be reversed, nor a reversal, nor what never happened", async () => {
  const { ledger, account } = books;
  const [person, other] = [await account("person", 100n), await account("person")];
  const gift = moveOf({ from: person, to: other, amount: 60n });
  const back = { verb: "reverse", key: randomUUID(), of: gift.key } as const;
  expect(await ledger.do(back)).toMatchObject({ because: { code: "unknown_effect" } });
  await ledger.do(gift);
  const passedOn = moveOf({ from: other, to: person, amount: 1n });
  await ledger.do(passedOn);
  expect(await ledger.do(back)).toMatchObject({ because: { code: "short", needed: 60n, available: 59n } });
  const undone = { verb: "reverse", key: randomUUID(), of: passedOn.key } as const;
  expect(await ledger.do(undone)).toEqual(DONE);
  expect(await ledger.do(back)).toEqual(DONE);
  expect(await ledger.do({ verb: "reverse", key: randomUUID(), of: back.key })).toMatchObject({
    because: { code: "is_a_reversal" },
  });
});

test("money does not cross assets, and unknown accounts have none", async () => {
  const { ledger, account } = books;
  const [coins, stars] = [await account("person", 100n), await account("person", 0n, "stars")];
  expect(await ledger.do(moveOf({ from: coins, to: stars, amount: 1n }))).toEqual({
    kind: "refused",
    because: { code: "wrong_asset", account: stars },
  });
  const hold = holdOf({ account: coins, amount: 10n });
  await ledger.do(hold);
  const to = (account: number) => captureOf({ hold: hold.id, legs: [{ to: account, amount: 1n, kind: "earned" }] });
  expect(await ledger.do(to(stars))).toMatchObject({ because: { code: "wrong_asset" } });
  expect(await ledger.do(to(999_999))).toMatchObject({ because: { code: "unknown_account" } });
  expect(await ledger.do(to(coins))).toMatchObject({ because: { code: "same_account" } });
  expect(await ledger.do(holdOf({ account: 999_999, amount: 1n }))).toMatchObject({
    because: { code: "unknown_account" },
  });
});

test("what is wrong in itself is thrown before the database is asked", async () => {
  const { ledger, account } = books;
  const person = await account("person", 100n);
  const wrong = [
    moveOf({ from: person, to: person, amount: 1n }),
    moveOf({ from: person, to: person + 1, amount: 0n }),
    moveOf({ from: person, to: person + 1, amount: 1n, key: "not a uuid" }),
    holdOf({ account: person, amount: 1n, day: "today" }),
    holdOf({ account: person, amount: 1n, caps: Array.from({ length: 4 }, (_, n) => ({ owner: `${n}`, amount: 1n })) }),
    captureOf({ hold: randomUUID(), legs: [] }),
  ];
  for (const one of wrong) await expect(ledger.do(one)).rejects.toThrow(RangeError);
});

test("a halted ledger refuses new holds, and finishes what was granted", async () => {
  const { account } = books;
  await using ledger = new Ledger(books.connection);
  const [person, worker] = [await account("person", 100n), await account("earner")];
  const granted = holdOf({ account: person, amount: 50n });
  await ledger.do(granted);
  ledger.halted = true;
  expect(await ledger.do(holdOf({ account: person, amount: 1n }))).toEqual({
    kind: "refused",
    because: { code: "halted" },
  });
  expect(await ledger.do(granted)).toEqual(AGAIN);
  const legs = [{ to: worker, amount: 50n, kind: "earned" }];
  expect(await ledger.do(captureOf({ hold: granted.id, legs }))).toEqual(DONE);
});

test("inside a transaction of the caller's own, operations count when it commits, and not where it is undone", async () => {
  const { ledger, account, balance, pg } = books;
  const [person, worker] = [await account("person", 100n), await account("earner")];
  const hold = holdOf({ account: person, amount: 50n });
  await ledger.do(hold);
  const end = [
    captureOf({ hold: hold.id, legs: [{ to: worker, amount: 30n, kind: "earned" }] }),
    { verb: "release", hold: hold.id } as const,
  ];
  const undone = inTransaction(pg, BEGIN, async (client) => {
    expect(await applyOperations(client, end, { halted: false })).toEqual([DONE, DONE]);
    throw new Error("the job's row was gone");
  });
  await expect(undone).rejects.toThrow("the job's row was gone");
  expect(await balance(person)).toEqual({ balance: 100n, held: 50n });
  const ended = () => inTransaction(pg, BEGIN, (client) => applyOperations(client, end, { halted: false }));
  expect(await ended()).toEqual([DONE, DONE]);
  expect(await ended()).toEqual([AGAIN, AGAIN]);
  expect(await balance(person)).toEqual({ balance: 70n, held: 0n });
});

async function spendDay(owner: string): Promise<unknown> {
  const { rows } = await books.pg.query("select cap, spent, held from spend_days where owner = $1", [owner]);
  return rows[0];
}
