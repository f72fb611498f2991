/** An operator's acts that move money: credits, funds, and workers' Stars earnings paid in coins. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { insertNotes } from "../billing/credit-notes.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import { epochs, operatorActs, people, workers } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";
import { captureOf, holdOf, moveOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import { drizzleOver } from "../db/drizzle-over.ts";
import type { Database } from "../db/executor.ts";
import { noteByHand } from "../testing/credit-notes.ts";
import { operatorOver } from "../testing/operator.ts";
import type { TestOperator } from "../testing/operator.ts";
import { storeRate } from "../testing/rates.ts";

const STAR = 1_000_000_000n;
const WHY = ["--why", "an outage"];

let books: TestLedger;
let db: Database;
let operator: TestOperator;
let person: string;
beforeEach(async () => {
  books = await openTestLedger();
  db = drizzleOver(books.pg);
  operator = operatorOver({ db, pg: books.pg });
  const [row] = await db.insert(people).values({ telegramId: 77, name: "Ann" }).returning({ id: people.id });
  person = row!.id;
});
afterEach(async () => {
  // So that there is something to look at, also where nothing was changed.
  await account("fees", "coin");
  await books.expectSound();
  await books[Symbol.asyncDispose]();
});

const account = (kind: AccountKind, asset: Asset, owner = "house") => books.ledger.openAccount({ asset, kind, owner });
const balanceOf = async (kind: AccountKind, asset: Asset, owner = "house") =>
  (await books.balance(await account(kind, asset, owner))).balance;
const acts = () => db.select().from(operatorActs).orderBy(operatorActs.id);

/** Earned in an answer that a person paid with Stars. */
async function earn(worker: string, stars: bigint): Promise<void> {
  const { hold, capture } = await earnUnderWay(worker, stars);
  await moneyTransaction(books.pg, async ({ client }) => {
    await applyOperations(client, [{ verb: "release", hold }], { halted: false });
    await insertNotes(client, [{ key: capture, job: capture }]);
  });
}

/** Earned in a step of an answer that has not ended. */
async function earnUnderWay(worker: string, stars: bigint) {
  const payer = await account("person", "stars", "person:payer");
  await books.ledger.do(moveOf({ from: await account("telegram_stars", "stars"), to: payer, amount: stars }));
  const hold = holdOf({ account: payer, amount: stars });
  await books.ledger.do(hold);
  const to = await account("earner", "stars", `worker:${worker}`);
  const capture = captureOf({ hold: hold.id, legs: [{ to, amount: stars, kind: "earned" }] });
  await books.ledger.do(capture);
  return { hold: hold.id, capture: capture.key };
}
const earned = (worker: string, asset: Asset) => balanceOf("earner", asset, `worker:${worker}`);

describe("a credit", () => {
  test("reaches the person as an adjustment, once however often it is repeated", async () => {
    expect(await operator("credit", "77", "stars", "12.5", ...WHY)).toContain(
      `12.5 Stars were credited to person ${person}`,
    );
    expect(await operator("credit", person, "stars", "12.5", ...WHY)).toContain("was done on");
    expect(await balanceOf("person", "stars", `person:${person}`)).toBe(12_500_000_000n);
    const { rows } = await books.pg.query("select kind, amount from ledger_postings");
    expect(rows).toEqual([{ kind: "adjustment", amount: "12500000000" }]);
    expect(await acts()).toMatchObject([
      { who: "anna", verb: "credit", params: { person, asset: "stars", from: "gifts" } },
    ]);
    // Another reason is another credit, and so is another amount.
    await operator("credit", "77", "stars", "12.5", "--why", "another outage");
    await operator("credit", "77", "stars", "1", ...WHY);
    expect(await balanceOf("person", "stars", `person:${person}`)).toBe(26n * STAR);
  });

  test("asked for by two at once happens once", async () => {
    const other = operatorOver({ db, pg: books.pg }, "boris");
    const said = await Promise.all(
      [1, 2, 3].map((n) => (n === 2 ? other : operator)("credit", "77", "coin", "0.1", ...WHY)),
    );
    expect(said.filter((text) => text.includes("was done on"))).toHaveLength(2);
    expect(await balanceOf("person", "coin", `person:${person}`)).toBe(100_000_000n);
    expect(await acts()).toHaveLength(1);
  });

  test("comes from what was kept for refunds where that has enough, else from the house", async () => {
    const refunds = await account("refunds", "coin");
    await books.ledger.do(moveOf({ from: await account("chain_deposits", "coin"), to: refunds, amount: 500_000_000n }));
    expect(await operator("credit", "77", "coin", "0.4", ...WHY)).toContain("from what was kept for refunds");
    expect(await operator("credit", "77", "coin", "0.2", ...WHY)).toContain("No coin was moved on the chain");
    expect([await balanceOf("refunds", "coin"), await balanceOf("own", "coin", "hot")]).toEqual([
      100_000_000n,
      -200_000_000n,
    ]);
    // What Telegram received is not changed by what the house gives away.
    await operator("credit", "77", "stars", "5", ...WHY);
    expect([await balanceOf("telegram_stars", "stars"), await balanceOf("gifts", "stars")]).toEqual([0n, -5n * STAR]);
  });

  test("cannot go to nobody, or be what nobody means", async () => {
    const wrong: [string[], string][] = [
      [["78", "stars", "1"], "Nobody here has the id 78"],
      [["00000000-0000-4000-8000-000000000001", "stars", "1"], "Nobody here has the id"],
      [["Ann", "stars", "1"], '"Ann" is neither a Telegram id nor a person\'s id'],
      [["77", "gold", "1"], "Write it as in"],
      [["77", "stars"], "A credit is a number from 0.000000001 to 10000"],
      [["77", "stars", "0"], "from 0.000000001 to 10000"],
      [["77", "stars", "10000.1"], "from 0.000000001 to 10000"],
      [["77", "coin", "100.000000001"], "from 0.000000001 to 100"],
      [["77", "stars", "1", "2"], "Write it as in"],
    ];
    for (const [words, says] of wrong) {
      const said = await operator("credit", ...words, ...WHY);
      expect(said).toContain(says);
      expect(said).toContain("Nothing was changed.");
    }
    expect([await acts(), (await books.pg.query("select from ledger_postings")).rowCount]).toEqual([[], 0]);
  });
});

test("house money is put aside for promotions and the float, once for each reason, and says what follows", async () => {
  for (const fund of ["promotion", "float"] as const) {
    expect(await operator(fund, "fund", "12.5", ...WHY)).toContain("No coin was moved on the chain");
    expect(await operator(fund, "fund", "12.5", ...WHY)).toContain("was done on");
  }
  expect([await balanceOf("promo", "coin"), await balanceOf("float", "coin")]).toEqual([
    12_500_000_000n,
    12_500_000_000n,
  ]);
  expect(await balanceOf("own", "coin", "hot")).toBe(-25_000_000_000n);
  expect(await operator("float", "fund", "40", ...WHY)).toContain("The float has 12.5 coins and may have 50 coins");
  expect(await operator("promotion", "fund", "ten", ...WHY)).toContain('"ten" is none');
  expect(await acts()).toHaveLength(2);
});

describe("workers' Stars earnings", () => {
  test("are paid in coins at the rate, whole, and once however often it is asked", async () => {
    await storeRate(db);
    await operator("float", "fund", "1", ...WHY);
    await earn("a", 100n * STAR);
    const said = await operator("float", "pay", ...WHY);
    expect(said).toMatch(/^1 worker was paid 0\.764705882 coins for 100 Stars, at \$1\.7 a coin \(rate \d+\)\.$/);
    expect([await earned("a", "stars"), await earned("a", "coin")]).toEqual([0n, 764_705_882n]);
    expect([await balanceOf("fees", "stars"), await balanceOf("float", "coin")]).toEqual([100n * STAR, 235_294_118n]);
    expect(await operator("float", "pay", ...WHY)).toBe("Nobody waits for Stars earnings.");
    expect((await acts()).at(-1)).toMatchObject({ verb: "float pay", params: { workers: 1, coins: "764705882" } });
    await earn("a", 10n * STAR);
    await operator("float", "pay", ...WHY);
    expect(await earned("a", "coin")).toBe(841_176_470n);
  });

  test("are paid in the order in which they were earned, as far as the float reaches; the others wait", async () => {
    await storeRate(db);
    await earn("early", 50n * STAR);
    await operator("float", "fund", "0.3", ...WHY);
    expect(await operator("float", "pay", ...WHY)).toContain("paid 0.299999999 coins");
    await earn("late", 50n * STAR);
    await earn("early", 50n * STAR);
    // Of its first earnings something is still unpaid, which is older than all of the other one's.
    await operator("float", "fund", "0.5", ...WHY);
    const said = await operator("float", "pay", ...WHY);
    expect(said).toContain("of those looked at wait.");
    expect(await earned("early", "stars")).toBe(0n);
    expect(await earned("late", "stars")).toBeGreaterThan(0n);
    expect(await earned("late", "coin")).toBeGreaterThan(0n);
    expect(await balanceOf("float", "coin")).toBeLessThan(10n);
  });

  test("that slow workers lost go to the next epoch's share for being there, in their turn and as coins", async () => {
    await storeRate(db);
    await earn("early", 50n * STAR);
    const from = await account("telegram_stars", "stars");
    const slow = moveOf({ from, to: await account("availability", "stars"), amount: 20n * STAR });
    await books.ledger.do(slow);
    await earn("late", 50n * STAR);
    await operator("float", "fund", "0.6", ...WHY);
    expect(await operator("float", "pay", ...WHY)).toMatch(/^2 workers and the share for being there were paid/);
    const perStar = (stars: bigint) => (stars * 13_000n * STAR) / 1_700_000n;
    expect([await balanceOf("availability", "stars"), await balanceOf("availability", "coin")]).toEqual([
      0n,
      perStar(20n),
    ]);
    expect(await earned("early", "coin")).toBe(perStar(50n));
    // What was given for being there is nobody's earning yet: it has no credit note.
    expect((await books.pg.query("select from credit_notes where asset = 'coin'")).rowCount).toBe(2);
    await operator("float", "pay", ...WHY);
    expect(await balanceOf("availability", "coin")).toBe(perStar(20n));
  });

  test("are paid once by two operators at once, while workers go on earning", async () => {
    await storeRate(db);
    await operator("float", "fund", "40", ...WHY);
    for (const worker of ["a", "b", "c"]) await earn(worker, 100n * STAR);
    await Promise.all([
      operator("float", "pay", ...WHY),
      operator("float", "pay", ...WHY),
      earn("a", STAR),
      earn("d", STAR),
    ]);
    await operator("float", "pay", ...WHY);
    for (const worker of ["a", "b", "c", "d"]) expect(await earned(worker, "stars")).toBe(0n);
    const perStar = 13_000n * STAR;
    expect(await earned("b", "coin")).toBe((100n * perStar) / 1_700_000n);
    expect(await balanceOf("fees", "stars")).toBe(302n * STAR);
  });

  test("of a machine that was banned while it was new go to refunds, also when its time of waiting is over since", async () => {
    await storeRate(db);
    await operator("float", "fund", "1", ...WHY);
    for (const worker of ["cheat", "veteran", "honest"]) await earn(worker, 100n * STAR);
    await books.pg.query("update credit_totals set first_epoch = -1 where worker = 'veteran'");
    const banned = ["cheat", "veteran"].map((id) => ({ id, name: id, version: "", bannedAt: new Date() }));
    await db.insert(workers).values([...banned, { id: "honest", name: "honest", version: "" }]);
    const later = new Date(Date.now() + 60_000);
    const closed = { chainEpoch: 0, closedAt: later, recordedAt: later, upto: 0, leaves: 0, total: 0n };
    await db.insert(epochs).values([1, 2, 3].map((number) => ({ number, state: "active" as const, ...closed })));
    expect(await operator("float", "pay", ...WHY)).toContain(
      "100 Stars of machines that were banned while they were new",
    );
    expect([await earned("cheat", "stars"), await earned("cheat", "coin")]).toEqual([0n, 0n]);
    expect(await balanceOf("refunds", "stars")).toBe(100n * STAR);
    // A ban takes nothing that did not wait any more.
    expect([(await earned("veteran", "coin")) > 0n, (await earned("honest", "coin")) > 0n]).toEqual([true, true]);
    expect(await operator("float", "pay", ...WHY)).not.toContain("banned");
  });

  test("wait while there is no float, no usable rate, or as much was paid ahead as may be", async () => {
    await earn("a", 100n * STAR);
    expect(await operator("float", "pay", ...WHY)).toContain("The coin has no rate that may be used");
    await storeRate(db, { stopped: "jump" });
    expect(await operator("float", "pay", ...WHY)).toContain("The coin has no rate that may be used");
    await storeRate(db);
    expect(await operator("float", "pay", ...WHY)).toContain(
      "The float has 0 coins: put more in with float fund. 100 Stars",
    );
    await operator("float", "fund", "5", ...WHY);
    await operator("float", "max", "0.5", ...WHY);
    expect(await operator("float", "pay", ...WHY)).toContain("1 worker was paid 0.499999999 coins for 65.384");
    expect(await operator("float", "pay", ...WHY)).toContain(
      "has paid 0.499999999 coins ahead within 21 days, and may pay 0.5 coins",
    );
    expect(await operator("float", "pay", "all", ...WHY)).toContain("takes nothing but");
  });

  test("of an answer under way wait for its end, so that it can be returned where it fails", async () => {
    await storeRate(db);
    await operator("float", "fund", "50", ...WHY);
    await earn("a", 100n * STAR);
    const { hold, capture } = await earnUnderWay("a", 30n * STAR);
    await earnUnderWay("b", 10n * STAR);
    expect(await operator("float", "pay", ...WHY)).toContain("for 100 Stars");
    expect(await operator("float", "pay", ...WHY)).toContain("Nobody waits");
    const back = { verb: "reverse", key: "00000000-0000-4000-8000-000000000008", of: capture } as const;
    expect(await books.ledger.do(back)).toEqual({ kind: "done" });
    await books.ledger.do({ verb: "release", hold });
    expect(await earned("a", "stars")).toBe(0n);
  });

  test("are not paid by books that do not add up", async () => {
    await storeRate(db);
    await operator("float", "fund", "5", ...WHY);
    await earn("a", 100n * STAR);
    await books.pg.query("update ledger_accounts set balance = balance + 1 where kind = 'fees' or kind = 'float'");
    expect(await operator("float", "pay", ...WHY)).toContain("The books do not add up");
    expect(await operator("report")).toContain("The books do not add up, so that no new paid answers begin");
    await books.pg.query("update ledger_accounts set balance = balance - 1 where kind = 'fees' or kind = 'float'");
  });
});

test("the report adds up: balances, the day, what waits, and whether the house can pay", async () => {
  expect(await operator("report")).toContain("none: nobody paid anything yet");
  await storeRate(db);
  const payer = await account("person", "stars", `person:${person}`);
  await books.ledger.do(moveOf({ from: await account("telegram_stars", "stars"), to: payer, amount: 50n * STAR }));
  const day = new Date().toISOString().slice(0, 10);
  const hold = holdOf({ account: payer, amount: 20n * STAR, day });
  await books.ledger.do(hold);
  const earner = await account("earner", "stars", "worker:a");
  const legs = [
    { to: earner, amount: 9n * STAR, kind: "earned" },
    { to: await account("fees", "stars"), amount: STAR / 2n, kind: "fee" },
    { to: await account("loss", "stars"), amount: STAR / 2n, kind: "loss_reserve" },
  ];
  const [kept, failed] = [captureOf({ hold: hold.id, legs }), captureOf({ hold: hold.id, legs: legs.slice(0, 1) })];
  await books.ledger.do(kept);
  await books.ledger.do(failed);
  await books.ledger.do({ verb: "reverse", key: "00000000-0000-4000-8000-000000000009", of: failed.key });
  const lost = moveOf({ from: await account("loss", "stars"), to: earner, amount: STAR / 4n, kind: "earned" });
  await books.ledger.do(lost);
  await noteByHand(books.pg, [lost.key]);
  await books.pg.query("insert into free_budgets values ($1, 2000000, 1500)", [day]);
  await books.pg.query("insert into free_answers values ($1, $2, 3, 20)", [person, day]);
  const said = await operator("report");
  for (const line of [
    "The books add up",
    "Not halted.",
    "A coin is $1.7, and used.",
    "stars  person          40 Stars, of it held 10 Stars in 1 accounts",
    "19 Stars captured, 9 Stars returned, 0.25 Stars lost to workers of failed answers",
    "0 coins captured",
    "3 free answers of 1 people, for $0.0015 of $2 at list prices",
    "9.25 Stars of 1 workers and 0 Stars for being there wait to be paid in coins",
    "Stars: the house can pay: it owes people and workers 49.25 Stars, has 50 Stars with Telegram and 0.75 Stars of it are its own.",
  ])
    expect(said).toContain(line);
  await operator("halt", ...WHY);
  expect(await operator("report")).toContain("Halted: no new paid answers");
  await operator("credit", "77", "stars", "10", ...WHY);
  expect(await operator("report")).toContain("Stars: the house is SHORT by 9.25 Stars");
});

test("a database of an earlier version is said so", async () => {
  await books.pg.query("alter table operator_acts rename to elsewhere");
  expect(await operator("report")).toContain("There is no money in this database yet");
  expect(await operator("halt", ...WHY)).toContain("There is no money in this database yet");
  await books.pg.query("alter table elsewhere rename to operator_acts");
});
