/**
 * Whether people's coins are there. What people have, what is on its way to them, what is nobody's yet and what escrows
 * are still to answer for must be covered by what the deposits vault, the hot wallet and the till have, what is in transit
 * between them, and what escrows have signed and not paid yet:
 *
 *   person + in_flight + unmatched + escrow  ≤  deposits + hot + till + transit + signed
 *
 * The till counts because what is over at an escrow's end is a person's, while its coins stay there. Mirrors and what is
 * signed are below zero by what they have, so that the sum of all these accounts is what is missing. As the sum of all
 * accounts of coins is zero, it is also what the house's own accounts, fees and earnings together are below zero: a credit
 * out of the house's own wallet makes it short only where the house has not so much.
 */
import type pg from "pg";
import type { AccountKind } from "../ledger/rules/account-kinds.ts";

const OWED = ["person", "in_flight", "unmatched", "escrow"] as const satisfies readonly AccountKind[];
const COVER = [
  "chain_deposits",
  "chain_hot",
  "chain_till",
  "chain_transit",
  "receivable",
] as const satisfies readonly AccountKind[];

/** Nano units; `missing` is zero or below where people's coins are there. */
interface Solvency {
  readonly owed: bigint;
  readonly there: bigint;
  readonly missing: bigint;
  /** The house's own part of the deposits vault, which pays what the chain takes there. */
  readonly ownInDeposits: bigint;
}

/** By the books, in one statement. @throws the database's faults */
export async function readSolvency(pg: Pick<pg.Pool, "query">): Promise<Solvency> {
  const { rows } = await pg.query<{ owed: string; there: string; own: string }>(
    `select coalesce(sum(balance) filter (where kind = any($1)), 0)::text as owed,
       coalesce(-sum(balance) filter (where kind = any($2)), 0)::text as there,
       coalesce(sum(balance) filter (where kind = 'own' and owner = 'deposits'), 0)::text as own
     from ledger_accounts where asset = 'coin'`,
    [OWED, COVER],
  );
  const [owed, there] = [BigInt(rows[0]!.owed), BigInt(rows[0]!.there)];
  return { owed, there, missing: owed - there, ownInDeposits: BigInt(rows[0]!.own) };
}
