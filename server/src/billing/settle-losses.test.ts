/** What is left of the losses' reserve, on real books. The database's clock is the real one, so days are moved in it. */
import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { captureOf, holdOf, moveOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import type { Asset } from "../ledger/rules/account-kinds.ts";
import { settleLosses } from "./settle-losses.ts";

const DAY_MS = 86_400_000;

let books: TestLedger;
let daysLater: number;
beforeEach(async () => {
  books = await openTestLedger();
  daysLater = 0;
});
afterEach(async () => {
  await books.expectSound();
  await books[Symbol.asyncDispose]();
});

const settle = () => settleLosses({ ledger: books.ledger, pg: books.pg, clock: () => Date.now() + daysLater * DAY_MS });
const house = (kind: "loss" | "fees", asset: Asset = "coin") =>
  books.ledger.openAccount({ asset, kind, owner: "house" });
const balanceOf = async (kind: "loss" | "fees", asset: Asset = "coin") =>
  (await books.balance(await house(kind, asset))).balance;

/** Sets this much aside, as a capture does; `day` is the day of the hold. */
async function setAside(amount: bigint, asset: Asset = "coin"): Promise<void> {
  const person = await books.account("person", 1_000n, asset);
  const day = new Date(Date.now() + daysLater * DAY_MS).toISOString().slice(0, 10);
  const hold = holdOf({ account: person, amount, day });
  await books.ledger.do(hold);
  await books.ledger.do(captureOf({ hold: hold.id, legs: [{ to: await house("loss", asset), amount, kind: "loss" }] }));
  await books.ledger.do({ verb: "release", hold: hold.id });
}

async function lose(amount: bigint): Promise<void> {
  const worker = await books.ledger.openAccount({ asset: "coin", kind: "earner", owner: `wallet:${randomUUID()}` });
  await books.ledger.do(moveOf({ from: await house("loss"), to: worker, amount, kind: "loss" }));
}

/** By the database's clock, too: what was posted so far was posted a day earlier. */
async function nextDay(): Promise<void> {
  await books.pg.query(`alter table ledger_postings disable trigger all;
    update ledger_postings set at = at - interval '1 day'; update ledger_holds set day = day - 1;
    alter table ledger_postings enable trigger all`);
}

test("what was not needed goes to the fees the day after, in each asset, and once", async () => {
  await setAside(50n);
  await setAside(7n, "stars");
  await settle();
  expect(await balanceOf("loss")).toBe(50n);
  await nextDay();
  await settle();
  await settle();
  expect([await balanceOf("loss"), await balanceOf("fees")]).toEqual([0n, 50n]);
  expect([await balanceOf("loss", "stars"), await balanceOf("fees", "stars")]).toEqual([0n, 7n]);
});

test("what came in today stays for today's losses, which take the oldest first", async () => {
  await setAside(50n);
  await nextDay();
  await setAside(20n);
  await lose(30n);
  await settle();
  expect([await balanceOf("loss"), await balanceOf("fees")]).toEqual([20n, 20n]);
  await lose(20n);
});

test("a day is settled once: what is found later waits for the next", async () => {
  await setAside(50n);
  await nextDay();
  await settle();
  await setAside(5n);
  await books.pg.query(`alter table ledger_postings disable trigger all;
    update ledger_postings set at = at - interval '1 day' where kind = 'loss'; update ledger_holds set day = day - 1;
    alter table ledger_postings enable trigger all`);
  await settle();
  expect(await balanceOf("loss")).toBe(5n);
  daysLater = 1;
  await settle();
  expect([await balanceOf("loss"), await balanceOf("fees")]).toEqual([0n, 55n]);
});

test("books that do not add up are left alone, and an empty reserve is nothing to settle", async () => {
  await settle();
  await setAside(50n);
  await nextDay();
  books.ledger.halted = true;
  await settle();
  expect(await balanceOf("loss")).toBe(50n);
});
