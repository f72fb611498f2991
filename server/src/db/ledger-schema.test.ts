/** What the database refuses by itself, whoever asks. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { captureOf, holdOf, openTestLedger } from "../testing/ledger.ts";
import type { TestLedger } from "../testing/ledger.ts";

let books: TestLedger;
beforeAll(async () => {
  books = await openTestLedger();
});
afterAll(() => books[Symbol.asyncDispose]());

interface Row {
  asset?: string;
  debit: number;
  credit: number;
  amount?: number;
  key?: string;
  reverses?: string;
}

function insertPosting({ asset = "coin", debit, credit, amount = 1, key = randomUUID(), reverses }: Row) {
  return books.pg.query(
    `insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind, reverses)
     values ($1, 0, '\\x00', $2, $3, $4, $5, 'test', $6)`,
    [key, asset, debit, credit, amount, reverses ?? null],
  );
}

test("a posting between two assets cannot be written, whichever asset it claims to be of", async () => {
  const { account } = books;
  const [coin, otherCoin] = [await account("person"), await account("person")];
  const stars = await account("person", 0n, "stars");
  const foreignKey = { code: "23503" };
  await expect(insertPosting({ asset: "coin", debit: coin, credit: stars })).rejects.toMatchObject(foreignKey);
  await expect(insertPosting({ asset: "stars", debit: coin, credit: stars })).rejects.toMatchObject(foreignKey);
  await expect(insertPosting({ asset: "stars", debit: coin, credit: otherCoin })).rejects.toMatchObject(foreignKey);
  await insertPosting({ asset: "coin", debit: coin, credit: otherCoin });
});

test("a posting is never changed and never goes away", async () => {
  const { account, pg } = books;
  await account("person", 5n);
  for (const statement of [
    "update ledger_postings set amount = amount + 1",
    "delete from ledger_postings",
    "truncate ledger_postings",
    "truncate ledger_accounts cascade",
  ])
    await expect(pg.query(statement)).rejects.toThrow("postings are append-only: write a reversal");
});

test("a posting has an amount and two sides, a key is written once, a leg is reversed once", async () => {
  const { account } = books;
  const [debit, credit] = [await account("person"), await account("person")];
  await expect(insertPosting({ debit, credit, amount: 0 })).rejects.toMatchObject({ code: "23514" });
  await expect(insertPosting({ debit, credit, amount: -1 })).rejects.toMatchObject({ code: "23514" });
  await expect(insertPosting({ debit, credit: debit })).rejects.toMatchObject({ code: "23514" });
  const key = randomUUID();
  await insertPosting({ debit, credit, key });
  await expect(insertPosting({ debit, credit, key })).rejects.toMatchObject({ code: "23505" });
  await insertPosting({ debit: credit, credit: debit, reverses: key });
  await expect(insertPosting({ debit: credit, credit: debit, reverses: key })).rejects.toMatchObject({ code: "23505" });
  await expect(insertPosting({ debit, credit, reverses: randomUUID() })).rejects.toMatchObject({ code: "23503" });
});

test("an unsigned account is never below what is held of it, a hold never used beyond its amount, a day never beyond its cap", async () => {
  const { account, ledger, pg } = books;
  const [person, worker] = [await account("person", 100n), await account("earner")];
  const owner = `person:${randomUUID()}`;
  const hold = holdOf({ account: person, amount: 80n, caps: [{ owner, amount: 90n }] });
  await ledger.do(hold);
  await ledger.do(captureOf({ hold: hold.id, legs: [{ to: worker, amount: 30n, kind: "earned" }] }));
  const refused = { code: "23514" };
  const change = (statement: string, subject: unknown) =>
    expect(pg.query(statement, [subject])).rejects.toMatchObject(refused);
  await change("update ledger_accounts set balance = 49 where id = $1", person);
  await change("update ledger_accounts set held = -1 where id = $1", person);
  await change("update ledger_accounts set balance = 4e18 where id = $1", worker);
  await change("update ledger_holds set used = 81 where id = $1", hold.id);
  await change("update spend_days set held = 61 where owner = $1", owner);
  await change("update spend_days set spent = -1 where owner = $1", owner);
});
