/** A person's history: what it shows, in which order, and that it adds up. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { answerOf } from "../client.ts";
import type { HistoryEntry } from "@starai/protocol/money";
import { apiKeys, starCharges, threads } from "../db/schema.ts";
import { applyOperations } from "../ledger/apply-operations.ts";
import type { AccountKind } from "../ledger/rules/account-kinds.ts";
import type { Move } from "../ledger/rules/operation.ts";
import { BEGIN, inTransaction } from "../ledger/transaction.ts";
import type { TestApp } from "../testing/app.ts";
import { expectBooksRight } from "../testing/books.ts";
import { moveOf } from "../testing/ledger.ts";
import { billOf, fund, personsAccount, whole } from "../testing/money.ts";
import { inOneApp, newPerson } from "../testing/person.ts";
import type { TestPerson } from "../testing/person.ts";
import { historyCsv } from "./history-csv.ts";
import { historyPage } from "./history.ts";

let stack: TestApp;
let ann: TestPerson;
let id: string;

inOneApp((app, person) => ([stack, ann] = [app, person]));
beforeEach(() => void (id = ann.person.id));
afterEach(() => expectBooksRight(stack.ctx.pg, { now: at(59) }));

const at = (minute: number) => new Date(Date.UTC(2026, 10, 29, 12, minute));
const page = (before?: string) => answerOf(() => ann.my.money.history.$get({ query: before ? { before } : {} }));

async function everything(person = id): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for (let before: string | null = null; ;) {
    const read: Awaited<ReturnType<typeof historyPage>> = await historyPage(stack.ctx, { id: person }, before);
    entries.push(...read.entries);
    if (read.next === null) return entries;
    before = read.next;
  }
}

async function csv(entriesMax?: number): Promise<string[]> {
  let text = "";
  for await (const piece of historyCsv(stack.ctx, ann.person, entriesMax)) text += piece;
  expect(text.endsWith("\r\n")).toBe(true);
  return text.slice(0, -2).split("\r\n");
}

interface StarMove {
  readonly from: AccountKind;
  readonly to: AccountKind;
  readonly amount: bigint;
  readonly kind?: string;
}

/** Moves of Stars in one transaction, as a payment or its refund makes them; with the row of a subscription's charge. */
async function moveStars(moves: readonly StarMove[], subscription = false): Promise<void> {
  const { ctx } = stack;
  const account = (kind: AccountKind) =>
    ctx.ledger.openAccount({
      asset: "stars",
      kind,
      owner: kind === "person" || kind === "debt" ? `person:${id}` : "house",
    });
  const operations: Move[] = [];
  for (const { from, to, amount, kind = "topup" } of moves)
    operations.push(moveOf({ from: await account(from), to: await account(to), amount, kind }));
  await inTransaction(ctx.pg, BEGIN, async (client) => {
    const outcomes = await applyOperations(client, operations, { halted: false });
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(operations.map(() => "done"));
    if (subscription)
      await client.query(
        `insert into star_charges (charge, direction, person, telegram_id, stars, credits, subscription, at)
          values ($1, 'paid', $2, 42, 250, 0, true, now())`,
        [randomUUID(), id],
      );
  });
}

const shapeOf = ({ kind, paidWith, amount }: HistoryEntry) => [kind, paidWith, amount];

test("shows paid, free and failed answers and requests, newest first, with their titles and receipts", async () => {
  await fund(stack.ctx, id, { coin: whole(1) });
  const { thread, asked } = await ann.talk("What is rain?");
  const [key] = await stack.ctx.db
    .insert(apiKeys)
    .values({ hash: randomUUID(), name: "laptop", owner: id })
    .returning();
  const run = asked[0]!.run;
  await billOf(stack.ctx, { id: run, person: id, amount: 41_203n, budget: 50_000n, openedAt: at(1) });
  await billOf(stack.ctx, { person: id, paidWith: "free", openedAt: at(2) });
  await billOf(stack.ctx, { person: id, outcome: "failed", openedAt: at(3) });
  const request = await billOf(stack.ctx, { kind: "request", person: id, apiKey: key!.id, openedAt: at(4) });
  await billOf(stack.ctx, { person: id, openedAt: at(5), open: true });
  const { entries, next } = await page();
  expect(next).toBeNull();
  expect(entries).toHaveLength(5);
  expect(entries.filter(({ kind }) => kind !== "deposit")).toMatchObject([
    { kind: "request", amount: "-1000", title: "laptop", receipt: request, at: at(4).toISOString() },
    { kind: "answer", paidWith: "coin", amount: "0", title: null },
    { kind: "answer", paidWith: "free", amount: "0" },
    { kind: "answer", paidWith: "coin", amount: "-41203", title: "What is rain?", receipt: run },
  ]);
  await answerOf(() => ann.my.threads[":id"].$delete({ param: { id: thread } }));
  expect((await everything()).find(({ receipt }) => receipt === run)).toMatchObject({ title: null, amount: "-41203" });
});

test("coins that came from a wallet, went to one and came back are named, the fee beside them, and add up", async () => {
  const { ctx } = stack;
  const of = (kind: AccountKind, owner: string) => ctx.ledger.openAccount({ asset: "coin", kind, owner });
  const [mine, way] = [await of("person", `person:${id}`), await of("in_flight", `payout:${id}`)];
  const [chain, unmatched] = [await of("chain_deposits", "house"), await of("unmatched", "house")];
  const move = async (from: number, to: number, units: number, kind: string) =>
    expect(await ctx.ledger.do(moveOf({ from, to, amount: whole(units), kind }))).toEqual({ kind: "done" });
  await move(chain, mine, 9, "deposit");
  await move(chain, unmatched, 4, "deposit");
  await move(unmatched, mine, 4, "deposit");
  await move(mine, way, 5, "withdrawal");
  await move(mine, way, 1, "fee");
  await move(way, mine, 5, "withdrawal");
  expect((await everything()).map(({ kind, amount }) => [kind, BigInt(amount) / whole(1)])).toEqual(
    expect.arrayContaining([
      ["deposit", 9n],
      ["deposit", 4n],
      ["withdrawal", -5n],
      ["fee", -1n],
      ["withdrawal", 5n],
    ]),
  );
  expect(await everything()).toHaveLength(5);
  expect(await sums()).toEqual(await balances());
});

test("cannot show what is somebody else's: entries, titles of their threads, names of their keys", async () => {
  const bob = await newPerson(stack);
  await fund(stack.ctx, bob.person.id, { coin: whole(1), stars: whole(1) });
  await billOf(stack.ctx, { person: bob.person.id });
  expect(await everything()).toEqual([]);
  const { thread, asked } = await bob.talk("A secret of Bob");
  const [key] = await stack.ctx.db
    .insert(apiKeys)
    .values({ hash: randomUUID(), name: "Bob's", owner: bob.person.id })
    .returning();
  await billOf(stack.ctx, { id: asked[0]!.run, person: id, paidWith: "free" });
  await billOf(stack.ctx, { kind: "request", person: id, apiKey: key!.id, paidWith: "free" });
  expect((await everything()).map(({ title }) => title)).toEqual([null, null]);
  expect(await stack.ctx.db.$count(threads, eq(threads.id, thread))).toBe(1);
});

describe("payments of Stars", () => {
  test("a pack is one entry, and so is a subscription with its extra", async () => {
    await moveStars([{ from: "telegram_stars", to: "person", amount: whole(50) }]);
    await moveStars(
      [
        { from: "telegram_stars", to: "person", amount: whole(250) },
        { from: "gifts", to: "person", amount: whole(25) },
      ],
      true,
    );
    expect((await everything()).map(shapeOf)).toEqual([
      ["subscription", "stars", String(whole(275))],
      ["topup", "stars", String(whole(50))],
    ]);
  });

  test("a refund takes what is left; what it could not take is a debt, which the next payment pays", async () => {
    await moveStars([{ from: "telegram_stars", to: "person", amount: whole(50) }]);
    await billOf(stack.ctx, {
      person: id,
      paidWith: "stars",
      amount: whole(20),
      budget: whole(20),
      openedAt: new Date(),
    });
    await moveStars([
      { from: "person", to: "telegram_stars", amount: whole(30), kind: "refund" },
      { from: "debt", to: "telegram_stars", amount: whole(20), kind: "refund" },
    ]);
    await moveStars([
      { from: "telegram_stars", to: "debt", amount: whole(15), kind: "debt_paid" },
      { from: "telegram_stars", to: "person", amount: whole(35) },
    ]);
    await moveStars([{ from: "person", to: "debt", amount: whole(5), kind: "debt_paid" }]);
    expect((await everything()).map(({ kind, amount }) => [kind, BigInt(amount) / whole(1)])).toEqual(
      expect.arrayContaining([
        ["debt_paid", -5n],
        ["topup", 50n],
        ["debt_paid", -15n],
        ["refund", -30n],
        ["answer", -20n],
      ]),
    );
    expect(await sums()).toEqual(await balances());
  });

  test("a refund of what is spent is an entry of nothing", async () => {
    await moveStars([{ from: "debt", to: "telegram_stars", amount: whole(20), kind: "refund" }]);
    expect((await everything()).map(shapeOf)).toEqual([["refund", "stars", "0"]]);
  });

  test("what an operator adds or takes is an adjustment", async () => {
    await moveStars([{ from: "gifts", to: "person", amount: whole(3), kind: "adjustment" }]);
    await moveStars([{ from: "person", to: "refunds", amount: whole(1), kind: "given_up" }]);
    expect((await everything()).map(shapeOf)).toEqual([
      ["adjustment", "stars", String(-whole(1))],
      ["adjustment", "stars", String(whole(3))],
    ]);
  });
});

async function balances() {
  return { stars: await balanceIn("stars"), coin: await balanceIn("coin") };
}

async function balanceIn(asset: "stars" | "coin"): Promise<bigint> {
  const account = await personsAccount(stack.ctx, asset, id);
  const { rows } = await stack.ctx.pg.query("select balance from ledger_accounts where id = $1", [account]);
  return BigInt(rows[0].balance as string);
}

async function sums() {
  const entries = await everything();
  const of = (asset: string) =>
    entries.filter(({ paidWith }) => paidWith === asset).reduce((sum, { amount }) => sum + BigInt(amount), 0n);
  return { stars: of("stars"), coin: of("coin") };
}

/** Something that changes balances. */
const anyEvent = fc.oneof(
  fc.record({ what: fc.constant("topup" as const), amount: fc.bigInt({ min: 1n, max: 10n ** 12n }) }),
  fc.record({ what: fc.constant("refund" as const), amount: fc.bigInt({ min: 1n, max: 10n ** 12n }) }),
  fc.record({
    what: fc.constantFrom("stars" as const, "coin" as const, "free" as const),
    amount: fc.bigInt({ min: 0n, max: 10n ** 9n }),
  }),
);

test("the entries of each asset add up to its balance, whatever happened, and no entry is on two pages", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent, { maxLength: 8 }), async (events) => {
      ann = await newPerson(stack);
      id = ann.person.id;
      await fund(stack.ctx, id, { coin: whole(100), stars: whole(100) });
      let [spendable, owed] = [whole(100), 0n];
      for (const { what, amount } of events) {
        if (what === "topup") {
          const paid = amount < owed ? amount : owed;
          await moveStars(
            [
              { from: "telegram_stars" as const, to: "debt" as const, amount: paid, kind: "debt_paid" },
              { from: "telegram_stars" as const, to: "person" as const, amount: amount - paid },
            ].filter((move) => move.amount > 0n),
          );
          [spendable, owed] = [spendable + amount - paid, owed - paid];
        } else if (what === "refund") {
          const taken = amount < spendable ? amount : spendable;
          await moveStars(
            [
              { from: "person" as const, to: "telegram_stars" as const, amount: taken, kind: "refund" },
              { from: "debt" as const, to: "telegram_stars" as const, amount: amount - taken, kind: "refund" },
            ].filter((move) => move.amount > 0n),
          );
          [spendable, owed] = [spendable - taken, owed + amount - taken];
        } else if (what !== "stars" || amount <= spendable) {
          await billOf(stack.ctx, { person: id, paidWith: what, amount, budget: amount > 0n ? amount : 1n });
          if (what === "stars") spendable -= amount;
        }
      }
      expect(await sums()).toEqual(await balances());
    }),
    { numRuns: Number(process.env.LONG_TESTS ?? 0) > 0 ? 200 : 12 },
  );
});

describe("pages", () => {
  test("hold fifty entries each, none twice and none left out, also where many are of one moment", async () => {
    for (let i = 0; i < 120; i++)
      await billOf(stack.ctx, { person: id, paidWith: "free", openedAt: at(Math.floor(i / 30)) });
    const seen: HistoryEntry[] = [];
    const lengths: number[] = [];
    for (let before: string | undefined; ;) {
      const { entries, next } = await page(before);
      seen.push(...entries);
      lengths.push(entries.length);
      // What comes meanwhile changes no later page.
      await billOf(stack.ctx, { person: id, paidWith: "free", openedAt: at(59) });
      if (next === null) break;
      before = next;
    }
    expect(lengths).toEqual([50, 50, 20]);
    expect(new Set(seen.map((entry) => entry.id)).size).toBe(120);
    const order = seen.map((entry) => `${entry.at} ${entry.id}`);
    expect(order).toEqual(order.toSorted().toReversed());
  });

  test("cannot begin at what is no place", async () => {
    for (const before of ["x", "1", "1.2", `${"9".repeat(14)}.${id}`, `1.${id}'`, "-1.x"])
      await expect(page(before)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await page(`0.${id}`)).toEqual({ entries: [], next: null });
  });
});

describe("the file", () => {
  test("has exact amounts, UTC times, and titles that no spreadsheet runs", async () => {
    await fund(stack.ctx, id, { coin: whole(1) });
    for (const [minute, title] of ["=1+1", "+1", "-1", "@a", "\t=A1", 'a "b", c', "two\nlines", "plain"].entries()) {
      const { asked } = await ann.talk("x");
      await stack.ctx.db.update(threads).set({ title }).where(eq(threads.id, asked[0]!.thread));
      await billOf(stack.ctx, {
        id: asked[0]!.run,
        person: id,
        amount: 41_203n,
        budget: 50_000n,
        openedAt: at(minute),
      });
    }
    const lines = await csv();
    expect(lines[0]).toBe("time,kind,title,paid_with,amount,id,receipt");
    const answers = lines.slice(1).filter((line) => line.includes(",answer,"));
    const titles = answers.map((line) => /,answer,(.*),coin,-0\.000041203,/s.exec(line)?.[1]);
    expect(titles.toReversed()).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@a",
      "'\t=A1",
      '"a ""b"", c"',
      '"two\nlines"',
      "plain",
    ]);
    expect(answers.at(-1)).toMatch(/^2026-11-29T12:00:00\.000Z,/);
    expect(lines.find((line) => line.includes(",deposit,"))).toMatch(/,deposit,,coin,1,[0-9a-f-]{36},$/);
  });

  test("has every entry, in pieces, and says where it had to end", async () => {
    for (let i = 0; i < 12; i++) await billOf(stack.ctx, { person: id, paidWith: "free", openedAt: at(i) });
    expect(await csv()).toHaveLength(13);
    expect(await csv(12)).toHaveLength(13);
    const cut = await csv(5);
    expect(cut).toHaveLength(7);
    expect(cut.at(-1)).toBe(`${at(6).toISOString()},older entries are left out,,,,,`);
    const answer = await stack.app.request("/api/my/money/history.csv", {
      headers: { authorization: `Bearer ${ann.token}` },
    });
    expect(answer.headers.get("content-disposition")).toContain("starai-history.csv");
    expect((await answer.text()).split("\r\n")).toHaveLength(14);
  });
});

test("a charge that is stored alone changes no balance, so it is no entry", async () => {
  const charge = { charge: randomUUID(), direction: "paid" as const, person: id, telegramId: 1, stars: 5, credits: 0n };
  await stack.ctx.db.insert(starCharges).values({ ...charge, at: new Date() });
  expect(await everything()).toEqual([]);
});
