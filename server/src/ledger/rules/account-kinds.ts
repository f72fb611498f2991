/** The kinds of accounts, and which of them may be below zero. */

export type Asset = "coin" | "stars";

/** Signed kinds mirror money outside the ledger, or are a debt; every other account owns what it has and no more. */
const SIGNED = {
  /** A person's prepaid money. */
  person: false,
  /** What the house gives away as free answers. */
  promo: false,
  /** The part of a self-custody escrow that vouchers cover. */
  escrow: false,
  /** What a worker's owner earned. */
  earner: false,
  fees: false,
  availability: false,
  refunds: false,
  /** What the house pays for answers that failed. */
  loss: false,
  /** Withdrawals that are under way. */
  in_flight: false,
  /** Deposits whose payer is unknown. */
  unmatched: false,
  float: false,
  expense: false,
  debt: true,
  receivable: true,
  chain_deposits: true,
  chain_till: true,
  chain_hot: true,
  chain_pool: true,
  /** On its way between two accounts of the house's. */
  chain_transit: true,
  /** The house's own money at one of its addresses, which pays what the chain takes; below zero the house is short. */
  own: true,
  telegram_stars: true,
  /** Credits that the house gave: a subscription's extra, and what was spent of payments that it returned. */
  gifts: true,
} as const;

export type AccountKind = keyof typeof SIGNED;

export const isSigned = (kind: AccountKind): boolean => SIGNED[kind];
