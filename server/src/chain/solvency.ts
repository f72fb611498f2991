/**
 * Whether the house can pay. What people and workers have, what is on its way to them, what is nobody's yet and what escrows
 * are still to answer for must be covered by what the watched accounts have, what is in transit between them, and what
 * escrows have signed and not paid yet; of Stars, by what Telegram holds:
 *
 *   person + workers + in_flight + unmatched + refunds + escrow  ≤  deposits + hot + till + transit + signed + least(pool, workers)
 *
 * Workers are owed what earners have, and what a closing that is under way has set aside for being there (`epoch:` below).
 * The accounts count together: what is over at an escrow's end is a person's while its coins stay in the till, and what
 * workers earned lies in the deposits vault until the day's settlement moves it to the pool. Of the pool only as much counts
 * as workers are owed: nobody else is ever paid out of it. Mirrors and what is signed are below zero by what they have, so
 * that the sum of all these accounts is what is missing. A credit out of the house's own wallet makes it short only where the
 * house has not so much.
 */
import type pg from "pg";
import type { AccountKind, Asset } from "../ledger/rules/account-kinds.ts";

const OWED = ["person", "in_flight", "unmatched", "refunds", "escrow"] as const satisfies readonly AccountKind[];
const COVER = [
  "chain_deposits",
  "chain_hot",
  "chain_till",
  "chain_transit",
  "receivable",
  "telegram_stars",
] as const satisfies readonly AccountKind[];

/** In SQL. The rest of availability is the house's until a closing sets it aside. */
const WORKERS = "(kind = 'earner' or kind = 'availability' and owner like 'epoch:%')";

/** Nano units; `missing` is zero or below where what is owed is there. */
export interface Solvency {
  readonly owed: bigint;
  readonly there: bigint;
  readonly missing: bigint;
  /** The house's own part of the deposits vault, which pays what the chain takes there. */
  readonly ownInDeposits: bigint;
}

/** By the books, in one statement. @throws the database's faults */
export async function readSolvency(pg: Pick<pg.Pool, "query">, asset: Asset = "coin"): Promise<Solvency> {
  const { rows } = await pg.query<{ owed: string; there: string; own: string }>(
    `select coalesce(sum(balance) filter (where kind = any($1) or ${WORKERS}), 0)::text as owed,
       (coalesce(-sum(balance) filter (where kind = any($2)), 0) + least(
         coalesce(-sum(balance) filter (where kind = 'chain_pool'), 0),
         coalesce(sum(balance) filter (where ${WORKERS}), 0)))::text as there,
       coalesce(sum(balance) filter (where kind = 'own' and owner = 'deposits'), 0)::text as own
     from ledger_accounts where asset = $3`,
    [OWED, COVER, asset],
  );
  const [owed, there] = [BigInt(rows[0]!.owed), BigInt(rows[0]!.there)];
  return { owed, there, missing: owed - there, ownInDeposits: BigInt(rows[0]!.own) };
}
