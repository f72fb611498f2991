/**
 * What a transaction is to the books. One function a watched account reads its transactions, inside the transaction of the
 * database that writes their postings, so that its own rows and the money are stored together or not at all.
 */
import type { MoneyTransaction } from "../billing/money-transaction.ts";
import type { AccountName } from "../ledger/open-account.ts";
import type { AccountTransaction } from "./account-transaction.ts";
import type { Chain } from "./chain.ts";

/**
 * Reads one transaction; locks and writes its own rows. It must not move money: the ledger is asked once, after it.
 * @throws to have nothing booked: the same transaction is read again later, and no later one before it
 */
export type ReadTransaction = (
  open: MoneyTransaction,
  transaction: AccountTransaction,
  chain: Chain,
) => Promise<Reading>;

export interface Reading {
  /** In a word, e.g. `deposit`. */
  readonly kind: string;
  /** UUID of the deposit, payout or other row that it belongs to, or another name that belongs to several transactions. */
  readonly ref: string | null;
  /** Where the incoming value goes. What comes from one of our own accounts is in transit, whatever stands here. */
  readonly in: Counter;
  /** Where each outgoing value comes from, in the messages' order; the same holds for what goes to our own accounts. */
  readonly outs: readonly Counter[];
  /** Further moves, done after those. */
  readonly also: readonly FurtherMove[];
  /** Called once all of it is stored. */
  readonly stored?: () => void;
}

/** The other side of a leg, and what its posting is called in people's histories. */
export interface Counter {
  readonly account: AccountName;
  readonly kind: string;
}

export interface FurtherMove {
  readonly from: AccountName;
  readonly to: AccountName;
  readonly amount: bigint;
  readonly kind: string;
}

/** The house's own money at one of its addresses. */
export const ownMoney = (role: AccountTransaction["role"]): AccountName => ({
  asset: "coin",
  kind: "own",
  owner: role,
});

/** A transaction in which nobody's money but the house's moved. */
export function ownReading({ role, outs }: AccountTransaction, kind: string): Reading {
  const own: Counter = { account: ownMoney(role), kind };
  return { kind, ref: null, in: own, outs: outs.map(() => own), also: [] };
}
