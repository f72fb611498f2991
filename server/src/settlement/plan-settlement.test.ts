import * as fc from "fast-check";
import { expect, test } from "vitest";
import { planSettlement, sweepable } from "./plan-settlement.ts";
import { beyondPeoples, least, leavesWaiting, overInTill } from "./settlement-books.ts";
import type { SettlementBooks } from "./settlement-books.ts";

const COIN = 10n ** 9n;
const Amount = fc.bigInt({ min: 0n, max: 60n * COIN });
const Parts = fc.record({ pay_pool: Amount, till_pool: Amount, draw_till: Amount, give_back: Amount });
const Books: fc.Arbitrary<SettlementBooks> = fc.record({
  earned: Amount,
  earnedInTill: Amount,
  leaves: Amount,
  over: Amount,
  fees: fc.record({ deposits: Amount, till: Amount }),
  peoples: Amount,
  inFlight: Amount,
  escrowsInTill: fc.bigInt({ min: -60n * COIN, max: 60n * COIN }),
  there: fc.record({ deposits: Amount, till: Amount, hot: Amount }),
  claimed: Amount,
  moved: Parts,
  asked: fc.oneof(fc.constant({ pay_pool: 0n, till_pool: 0n, draw_till: 0n, give_back: 0n }), Parts),
});
const Allowances = fc.record({ poolLeft: Amount, tillPoolLeft: Amount, tillLeft: Amount });

test("no part is more than is owed to where it goes, than the chain allows, or than lies there beside people's coins", () => {
  fc.assert(
    fc.property(Books, Allowances, (books, allowances) => {
      const { there, moved, leaves, over, asked } = books;
      const most = {
        pay_pool: [leaves - moved.pay_pool, allowances.poolLeft, beyondPeoples(books), there.deposits],
        till_pool: [leaves - moved.till_pool, allowances.tillPoolLeft, there.till - overInTill(books)],
        draw_till: [over - moved.draw_till, allowances.tillLeft, there.till],
        give_back: [moved.draw_till - moved.give_back, there.hot],
      };
      for (const { part, amount } of planSettlement(books, allowances)) {
        expect(amount).toBeGreaterThan(0n);
        expect(asked[part]).toBe(0n);
        for (const bound of most[part]) expect(amount <= bound).toBe(true);
      }
    }),
  );
});

test("the pool is never given more than leaves owe, nor the hot wallet more than 20 of the till's coins", () => {
  fc.assert(
    fc.property(Books, Allowances, (books, allowances) => {
      const planned = planSettlement(books, allowances);
      const amountOf = (part: string) => planned.find((one) => one.part === part)?.amount ?? 0n;
      const pool = amountOf("pay_pool") + amountOf("till_pool");
      const given = books.moved.pay_pool + books.moved.till_pool + books.asked.pay_pool + books.asked.till_pool;
      expect(pool === 0n || given + pool <= books.leaves).toBe(true);
      const drawn = amountOf("draw_till");
      const drawnBefore = books.moved.draw_till - books.moved.give_back;
      const still = drawnBefore < books.there.hot ? drawnBefore : books.there.hot;
      // But for what the wallet keeps for its own gas, a quarter of a coin.
      expect(drawn === 0n || still + drawn <= 20n * COIN + COIN / 4n).toBe(true);
    }),
  );
});

test("what withdrawals took of the till's coins is not waited for: the next are drawn", () => {
  const nothing = { pay_pool: 0n, till_pool: 0n, draw_till: 0n, give_back: 0n };
  const books: SettlementBooks = {
    earned: 0n,
    earnedInTill: 0n,
    leaves: 0n,
    over: 30n * COIN,
    fees: { deposits: 0n, till: 0n },
    peoples: 30n * COIN,
    inFlight: 0n,
    escrowsInTill: 0n,
    there: { deposits: 40n * COIN, till: 11n * COIN, hot: COIN / 10n },
    claimed: 0n,
    moved: { ...nothing, draw_till: 20n * COIN },
    asked: nothing,
  };
  const planned = planSettlement(books, { poolLeft: 0n, tillPoolLeft: 0n, tillLeft: 50n * COIN });
  expect(planned).toEqual([{ part: "draw_till", amount: 10n * COIN }]);
});

test("keepers are asked to sweep fees alone, from ten coins on, and never people's or workers' coins", () => {
  fc.assert(
    fc.property(Books, (books) => {
      const { deposits, till } = sweepable(books);
      for (const amount of [deposits, till]) expect(amount === 0n || amount >= 10n * COIN).toBe(true);
      expect(deposits <= books.fees.deposits && till <= books.fees.till).toBe(true);
      expect(deposits === 0n || deposits <= beyondPeoples(books)).toBe(true);
    }),
  );
});

test("where the coins are beside people's, all that leaves owe goes to the pool, whichever vault they lie in", () => {
  fc.assert(
    fc.property(Books, (some) => {
      const books = { ...some, asked: none };
      const { there, escrowsInTill } = books;
      const inDeposits = least(beyondPeoples(books), there.deposits - COIN);
      const inTill = there.till - COIN - overInTill(books) - (escrowsInTill > 0n ? escrowsInTill : 0n);
      fc.pre(inDeposits >= 0n && inTill >= 0n && inDeposits + inTill >= leavesWaiting(books));
      expect(toPool(books)).toBe(leavesWaiting(books));
    }),
  );
});

test("what keepers may sweep is never what leaves owe", () => {
  fc.assert(
    fc.property(Books, (some) => {
      const books = { ...some, asked: none };
      const { deposits, till } = sweepable(books);
      const there = { ...books.there, deposits: books.there.deposits - deposits, till: books.there.till - till };
      expect(toPool({ ...books, there })).toBe(toPool(books));
    }),
  );
});

const none = { pay_pool: 0n, till_pool: 0n, draw_till: 0n, give_back: 0n };
function toPool(books: SettlementBooks): bigint {
  const planned = planSettlement(books, { poolLeft: 10n ** 18n, tillPoolLeft: 10n ** 18n, tillLeft: 0n });
  return planned.reduce((sum, { part, amount }) => sum + (part.endsWith("_pool") ? amount : 0n), 0n);
}
