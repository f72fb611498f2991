/** What a day's settlement moves. Pure; amounts are nano units. */
import { LEFT_FOR_ASKING, OWN_MARGIN } from "../payouts/hot/plan-batch.ts";
import { VAULT_KEEPS } from "../payouts/hot/plan-draw.ts";
import type { SettlementPart } from "../db/schema.ts";
import {
  atLeastNothing,
  beyondPeoples,
  earnedWaiting,
  earnedWaitingInTill,
  least,
  leavesWaiting,
  most,
  overInTill,
} from "./settlement-books.ts";
import type { SettlementBooks } from "./settlement-books.ts";

/** What the chain lets the hot wallet do now. */
interface Allowances {
  /** Of the deposits vault, to the pool. */
  readonly poolLeft: bigint;
  /** Of the till, to the pool. */
  readonly tillPoolLeft: bigint;
  /** Of the till, to the hot wallet. */
  readonly tillLeft: bigint;
}

export interface Planned {
  readonly part: SettlementPart;
  readonly amount: bigint;
}

/** Less is not worth its gas; but a root is opened only when the pool has all that it leaves owed. */
const LEAST: Record<SettlementPart, bigint> = {
  pay_pool: 1n,
  till_pool: 1n,
  draw_till: 100_000_000n,
  give_back: 100_000_000n,
};
/** The most of the till's coins that lies in the hot wallet on their way: for a thief of its key, too. */
const PASSING_MAX = 20_000_000_000n;
/** What the hot wallet needs for asking, and for the other parts' messages beside it. */
const HOT_KEEPS = LEFT_FOR_ASKING + 3n * OWN_MARGIN;

/** A part that is under way is not asked for again before its end is known. */
export function planSettlement(books: SettlementBooks, allowances: Allowances): Planned[] {
  const ofTill = tillToPool(books, allowances);
  const wanted: Record<SettlementPart, bigint> = {
    pay_pool: toPool(books, allowances, ofTill),
    till_pool: ofTill,
    draw_till: fromTill(books, allowances),
    give_back: backToDeposits(books),
  };
  return (["pay_pool", "till_pool", "draw_till", "give_back"] as const)
    .map((part) => ({ part, amount: wanted[part] }))
    .filter(({ part, amount }) => amount >= LEAST[part] && books.asked[part] === 0n);
}

/** The pool is given what leaves owe and no more: the rest would lie there for a thief of its publisher's key. */
function toPool(books: SettlementBooks, { poolLeft }: Allowances, ofTill: bigint): bigint {
  const inTill = atLeastNothing(ofTill);
  // People's coins stay.
  return least(leavesWaiting(books) - inTill, poolLeft, beyondPeoples(books), books.there.deposits - VAULT_KEEPS);
}

/**
 * What was earned out of escrows comes from where escrows pay to, and so does what the deposits vault has no coins for:
 * leaves also hold shares for being there, payments of losses and what slow answers did not earn, whose coins lie there.
 */
function tillToPool(books: SettlementBooks, { tillPoolLeft }: Allowances): bigint {
  return books.asked.till_pool > 0n ? 0n : least(tillOwes(books), tillPoolLeft, tillSpare(books));
}

function tillOwes(books: SettlementBooks): bigint {
  const owed = leavesWaiting(books);
  const ofDeposits = least(beyondPeoples(books), books.there.deposits - VAULT_KEEPS) - books.asked.pay_pool;
  const short = owed - atLeastNothing(ofDeposits);
  return most(short, least(owed, earnedWaitingInTill(books)));
}

/** What the till has beside people's coins. */
const tillSpare = (books: SettlementBooks): bigint =>
  books.there.till - VAULT_KEEPS - overInTill(books) - atLeastNothing(books.escrowsInTill);

function fromTill(books: SettlementBooks, { tillLeft }: Allowances): bigint {
  const { over, moved, there } = books;
  return least(over - moved.draw_till, tillLeft, there.till - VAULT_KEEPS, PASSING_MAX - passing(books));
}

function backToDeposits(books: SettlementBooks): bigint {
  // Withdrawals under way may have been what it was filled for.
  return least(passing(books), books.there.hot - HOT_KEEPS - books.inFlight);
}

/** Drawn from the till, and still in the hot wallet: what withdrawals took of it need not go back. */
const passing = ({ moved, there }: SettlementBooks): bigint =>
  atLeastNothing(least(moved.draw_till - moved.give_back, there.hot - HOT_KEEPS));

/** Less is not worth the keepers' time. */
const SWEEP_LEAST = 10_000_000_000n;

/** The house's fees that keepers may sweep from each vault; people's and workers' coins and what leaves owe stay. */
export function sweepable(books: SettlementBooks): { deposits: bigint; till: bigint } {
  const { fees, there, asked } = books;
  const ofDeposits = leavesWaiting(books) - atLeastNothing(least(tillOwes(books), tillSpare(books)));
  const spare = beyondPeoples(books) - most(earnedWaiting(books), ofDeposits) - asked.pay_pool;
  const stays = most(earnedWaitingInTill(books), tillOwes(books)) + asked.till_pool;
  return {
    deposits: worth(least(fees.deposits, spare, there.deposits - VAULT_KEEPS - atLeastNothing(ofDeposits))),
    till: worth(least(fees.till, tillSpare(books) - stays)),
  };
}

const worth = (amount: bigint): bigint => (amount >= SWEEP_LEAST ? amount : 0n);
