/** Each invariant is seen broken, and a broken sum halts the ledger. */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import type { Logger } from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DONE, captureOf, holdOf, moveOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";
import { INVARIANTS } from "./invariants.ts";
import { Ledger } from "./ledger.ts";
import type { Hold } from "./rules/operation.ts";
import { verifyCommand } from "./verify-command.ts";
import { verifyLedger } from "./verify-ledger.ts";
import { watchLedger } from "./watch-ledger.ts";

const now = new Date();
const owner = "person:1";
let books: TestLedger;
let person: number;
let worker: number;
let hold: Hold;

beforeEach(async () => {
  books = await openTestLedger();
  person = await books.account("person", 1_000n);
  worker = await books.account("earner");
  const day = now.toISOString().slice(0, 10);
  hold = holdOf({ account: person, amount: 100n, day, caps: [{ owner, amount: 500n }] });
  await books.ledger.do(hold);
  await capture(30n);
});
afterEach(() => books[Symbol.asyncDispose]());

async function capture(amount: bigint): Promise<void> {
  const legs = [{ to: worker, amount, kind: "earned" }];
  expect(await books.ledger.do(captureOf({ hold: hold.id, legs }))).toEqual(DONE);
}

/** Behind the back of checks and triggers, as a disk or a person with a console might. */
async function tamper(statement: string): Promise<void> {
  await books.pg.query(`alter table ledger_postings disable trigger all;
    alter table ledger_accounts drop constraint ledger_accounts_covered;
    alter table ledger_postings drop constraint ledger_postings_key_leg_pk cascade;
    alter table ledger_holds drop constraint ledger_holds_used; ${statement}`);
}

const watchedBy = (log: Logger) => {
  const health = { noticed: () => false };
  return { ledger: books.ledger, pg: books.pg, log, health, clock: Date.now };
};

const brokenIn = async (options: { whole?: boolean } = {}) => {
  const { findings } = await verifyLedger(books.pg, { now, ...options });
  return [...new Set(findings.map(({ invariant }) => invariant))];
};

const BREAKS: Record<string, string> = {
  "all balances of an asset sum to zero": "update ledger_accounts set balance = balance + 1 where kind = 'person'",
  "no account holds more than it has": "update ledger_accounts set held = 2000 where kind = 'person'",
  "a balance is the sum of its postings": "update ledger_postings set amount = amount + 1",
  "what an account holds is the rest of its open holds": "update ledger_accounts set held = 71 where kind = 'person'",
  "what was used of a hold is the sum of its legs, at most its amount": "update ledger_holds set used = 31",
  "one key is one effect of one asset": `insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind)
    select key, 7, '\\x07', asset, debit, credit, amount, kind from ledger_postings`,
  "no hold is open five minutes past its end": "update ledger_holds set expires_at = now() - interval '6 min'",
  "a day's spending is that of its holds": "update spend_days set spent = 31",
};

describe("verification finds", () => {
  test.each(INVARIANTS.map(({ name }) => name))(
    "nothing wrong in right books, and where it is not true that %s",
    async (name) => {
      expect(await brokenIn()).toEqual([]);
      await tamper(BREAKS[name]!);
      expect(await brokenIn({ whole: true })).toContain(name);
    },
  );
});

test("what was verified is not looked at again, and what came since is", async () => {
  await books.ledger.do({ verb: "release", hold: hold.id });
  const before = await verifyLedger(books.pg, { now });
  expect(before.looked).toEqual({ accounts: 3, postings: 2, openHolds: 0 });
  expect((await verifyLedger(books.pg, { now })).looked.postings).toBe(0);
  await books.ledger.do(moveOf({ from: person, to: worker, amount: 1n }));
  expect(await verifyLedger(books.pg, { now })).toEqual({
    findings: [],
    looked: { accounts: 3, postings: 1, openHolds: 0 },
  });
  expect((await verifyLedger(books.pg, { now, whole: true })).looked.postings).toBe(3);
  await books.pg.query("update ledger_accounts set balance = balance - 1 where id = $1", [person]);
  expect(await brokenIn()).toContain("a balance is the sum of its postings");
});

test("the legs of a hold are compared as one sum, however often is verified meanwhile", async () => {
  for (const amount of [1n, 2n, 3n]) {
    expect(await brokenIn()).toEqual([]);
    await capture(amount);
  }
  await books.ledger.do({ verb: "release", hold: hold.id });
  await books.pg.query("update ledger_holds set used = used - 1");
  expect(await brokenIn()).toContain("what was used of a hold is the sum of its legs, at most its amount");
});

test("a capture that was reversed after its hold was verified leaves the books right", async () => {
  const legs = [{ to: worker, amount: 10n, kind: "earned" }];
  const step = captureOf({ hold: hold.id, legs });
  await books.ledger.do(step);
  await books.ledger.do({ verb: "release", hold: hold.id });
  expect(await brokenIn()).toEqual([]);
  expect(await books.ledger.do({ verb: "reverse", key: randomUUID(), of: step.key })).toEqual(DONE);
  expect(await brokenIn()).toEqual([]);
  expect(await brokenIn({ whole: true })).toEqual([]);
});

test("who writes for a long time does not stop the verification, nor others through it", async () => {
  const slow = await books.pg.connect();
  await slow.query("begin");
  await slow.query("lock table ledger_postings in row exclusive mode");
  await books.ledger.do({ verb: "release", hold: hold.id });
  expect((await verifyLedger(books.pg, { now })).findings).toEqual([]);
  await slow.query("rollback");
  slow.release();
  expect((await verifyLedger(books.pg, { now })).looked.postings).toBe(2);
});

test("of two verifications at once both have a verdict, and one of them remembers how far it looked", async () => {
  await books.ledger.do({ verb: "release", hold: hold.id });
  for (let round = 0; round < 5; round++) {
    await books.ledger.do(moveOf({ from: person, to: worker, amount: 1n }));
    const verdicts = await Promise.all(Array.from({ length: 4 }, () => verifyLedger(books.pg, { now })));
    expect(verdicts.map(({ findings }) => findings)).toEqual([[], [], [], []]);
  }
  expect((await verifyLedger(books.pg, { now })).looked.postings).toBe(0);
  expect(await brokenIn({ whole: true })).toEqual([]);
});

test("a verification whose watermark another one moved meanwhile returns what it found", async () => {
  await books.ledger.do({ verb: "release", hold: hold.id });
  expect(await brokenIn()).toEqual([]);
  await books.ledger.do(moveOf({ from: person, to: worker, amount: 1n }));
  const other = await books.pg.connect();
  await other.query("begin; update ledger_watermarks set upto = upto");
  const slow = verifyLedger(books.pg, { now });
  // It has its snapshot, and waits for the other one's rows.
  await expect.poll(waitingForRows).toBe(1);
  await other.query("commit");
  other.release();
  expect((await slow).findings).toEqual([]);
  expect((await verifyLedger(books.pg, { now })).looked.postings).toBe(1);
});

async function waitingForRows(): Promise<number> {
  const { rows } = await books.pg.query<{ count: string }>(
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
  );
  return Number(rows[0]!.count);
}

test("a server's ledger grants nothing until its books were found right, however long the database is away", async () => {
  await using ledger = new Ledger(books.connection, { halted: true });
  const grant = () => ledger.do(holdOf({ account: person, amount: 1n }));
  expect(await grant()).toMatchObject({ because: { code: "halted" } });
  await books.pg.query("alter table ledger_watermarks rename to elsewhere");
  const said: string[] = [];
  const log = pino({ level: "info" }, { write: (line) => void said.push(line) });
  const watch = watchLedger({ ...watchedBy(log), ledger });
  await watch.ready;
  expect(await grant()).toMatchObject({ because: { code: "halted" } });
  await books.pg.query("alter table elsewhere rename to ledger_watermarks");
  await expect.poll(() => ledger.halted, { timeout: 10_000 }).toBe(false);
  expect(await grant()).toEqual(DONE);
  await watch.stop();
  expect(said.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    "the books could not be verified; trying again until they are",
  ]);
});

test("a broken sum halts the ledger and says so; once the books are right it goes on", async () => {
  const said: string[] = [];
  const log = pino({ level: "info" }, { write: (line) => void said.push(line) });
  const watch = watchLedger(watchedBy(log));
  await watch.stop();
  expect([books.ledger.halted, said]).toEqual([false, []]);
  await books.pg.query("update ledger_accounts set balance = balance + 1 where id = $1", [person]);
  await watch.look();
  expect(books.ledger.halted).toBe(true);
  expect(said.join("")).toContain("the books do not add up");
  expect(await books.ledger.do(holdOf({ account: person, amount: 1n }))).toMatchObject({ because: { code: "halted" } });
  await books.pg.query("update ledger_accounts set balance = balance - 1 where id = $1", [person]);
  await watch.look();
  expect(books.ledger.halted).toBe(false);
  expect(await books.ledger.do(holdOf({ account: person, amount: 1n }))).toEqual(DONE);
});

test("what somebody only should look at halts nothing", async () => {
  const watch = watchLedger(watchedBy(pino({ level: "silent" })));
  await watch.stop();
  await books.pg.query("update ledger_holds set expires_at = now() - interval '1 hour'");
  await watch.look();
  expect(books.ledger.halted).toBe(false);
});

test("the command says how much it looked at, what is wrong, and what it does not understand", async () => {
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  expect(await verifyCommand(books.pg, ["--whole"], say)).toBe(true);
  expect(said).toEqual(["the books are right: looked at 3 accounts, 2 postings, 1 open holds"]);
  await books.pg.query("update spend_days set spent = 31");
  expect(await verifyCommand(books.pg, [], say)).toBe(false);
  expect(said.join("\n")).toContain("page  not true that a day's spending is that of its holds");
  await expect(verifyCommand(books.pg, ["--all"], say)).rejects.toThrow('What is "--all"?');
});
