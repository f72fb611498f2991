/** What the ledger says of coins that lie elsewhere than where they are needed. Nano units. */
import type { Pool, PoolClient } from "pg";
import type { SettlementPart } from "../db/schema.ts";

type Connection = Pick<Pool | PoolClient, "query">;

export interface SettlementBooks {
  /** Earned by workers, in prepaid coins of answers that have ended. They were paid in at the deposits vault. */
  readonly earned: bigint;
  /** The same out of escrows: they lie in the till. */
  readonly earnedInTill: bigint;
  /** Of all that was earned, what closed epochs moved to leaves: the pool owes it. */
  readonly leaves: bigint;
  /** Of escrows' rounds: paid to the till, never served, and their owners' prepaid coins since the round's end. */
  readonly over: bigint;
  /** The house's fees, by the vault that they lie in. */
  readonly fees: { readonly deposits: bigint; readonly till: bigint };
  /** Of people: balances, withdrawals under way, and deposits that are nobody's yet. */
  readonly peoples: bigint;
  /** The part of them that are withdrawals under way. */
  readonly inFlight: bigint;
  /** Paid to the till by escrows and not served yet; below zero by what is signed and not paid. */
  readonly escrowsInTill: bigint;
  /** What the books say that each account has. */
  readonly there: { readonly deposits: bigint; readonly till: bigint; readonly hot: bigint };
  /** Of what leaves owed, what their owners got. */
  readonly claimed: bigint;
  readonly moved: Readonly<Record<SettlementPart, bigint>>;
  /** Under way. */
  readonly asked: Readonly<Record<SettlementPart, bigint>>;
}

export async function settlementBooks(connection: Connection): Promise<SettlementBooks> {
  const [posted, accounts, parts] = [
    await postedAmounts(connection),
    await balances(connection),
    await partsOf(connection),
  ];
  const of = (name: string) => accounts.get(name) ?? 0n;
  const fees = of("fees");
  const feesInTill = least(atLeastNothing(posted.feesInTill), fees);
  return {
    earned: posted.earned,
    earnedInTill: posted.earnedInTill,
    leaves: posted.leaves,
    over: posted.over,
    fees: { deposits: fees - feesInTill, till: feesInTill },
    peoples: of("person") + of("in_flight") + of("unmatched"),
    inFlight: of("in_flight"),
    escrowsInTill: of("escrow") + of("receivable"),
    there: { deposits: -of("chain_deposits"), till: -of("chain_till"), hot: -of("chain_hot") },
    claimed: posted.claimed,
    ...parts,
  };
}

/** Coins of people that still lie in the till. */
export const overInTill = ({ over, moved }: SettlementBooks): bigint => atLeastNothing(over - moved.draw_till);

/** Earned, and neither in the pool nor on its way there: it stays in the deposits vault until an epoch is closed. */
export const earnedWaiting = ({ earned, moved, asked }: SettlementBooks): bigint =>
  atLeastNothing(earned - moved.pay_pool - asked.pay_pool);

/** The same in the till. */
export const earnedWaitingInTill = ({ earnedInTill, moved, asked }: SettlementBooks): bigint =>
  atLeastNothing(earnedInTill - moved.till_pool - asked.till_pool);

/** Owed by leaves, and neither in the pool nor on its way there. */
export const leavesWaiting = ({ leaves, moved, asked }: SettlementBooks): bigint =>
  atLeastNothing(leaves - moved.pay_pool - moved.till_pool - asked.pay_pool - asked.till_pool);

/** What the deposits vault and the hot wallet have beyond people's coins. */
export const beyondPeoples = (books: SettlementBooks): bigint =>
  books.there.deposits + books.there.hot - (books.peoples - overInTill(books));

export const atLeastNothing = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
export const least = (...amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => (a < b ? a : b));
export const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Reads every posting once: this is for once a day. What belongs to an answer under way may still be given back. */
async function postedAmounts(connection: Connection) {
  const { rows } = await connection.query<
    Record<"earned" | "earned_in_till" | "leaves" | "over" | "fees_in_till" | "claimed", string>
  >(
    `select
       coalesce(sum(amount) filter (where d.kind = 'person' and c.kind = 'earner'), 0)
         - coalesce(sum(amount) filter (where d.kind = 'earner' and c.kind = 'person'), 0) as earned,
       coalesce(sum(amount) filter (where d.kind = 'escrow' and c.kind = 'earner'), 0)
         - coalesce(sum(amount) filter (where d.kind = 'earner' and c.kind = 'escrow'), 0) as earned_in_till,
       coalesce(sum(amount) filter (where p.kind = 'epoch_leaf'), 0) as leaves,
       coalesce(sum(amount) filter (where p.kind = 'escrow_over'), 0) as over,
       coalesce(sum(amount) filter (where d.kind = 'escrow' and c.kind = 'fees'), 0)
         - coalesce(sum(amount) filter (where d.kind = 'fees' and c.kind = 'escrow'), 0)
         - coalesce(sum(amount) filter (where p.kind = 'fees_swept' and c.owner = 'till'), 0)
         + coalesce(sum(amount) filter (where p.kind = 'fees_swept' and d.owner = 'till'), 0) as fees_in_till,
       coalesce(sum(amount) filter (where p.kind = 'claimed'), 0) as claimed
     from ledger_postings p join ledger_accounts d on d.id = p.debit join ledger_accounts c on c.id = p.credit
     where p.asset = 'coin'
       and not exists (select from ledger_holds h where h.id = p.hold and h.closed_at is null)`,
  );
  const { earned, earned_in_till: earnedInTill, leaves, over, fees_in_till: feesInTill, claimed } = rows[0]!;
  return {
    earned: BigInt(earned),
    earnedInTill: BigInt(earnedInTill),
    leaves: BigInt(leaves),
    over: BigInt(over),
    feesInTill: BigInt(feesInTill),
    claimed: BigInt(claimed),
  };
}

async function balances(connection: Connection): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await connection.query<{ kind: string; balance: string }>(
    "select kind, sum(balance)::text as balance from ledger_accounts where asset = 'coin' group by kind",
  );
  return new Map(rows.map(({ kind, balance }) => [kind, BigInt(balance)]));
}

async function partsOf(connection: Connection): Promise<Pick<SettlementBooks, "moved" | "asked">> {
  const { rows } = await connection.query<{ part: SettlementPart; state: string; amount: string }>(
    "select part, state, sum(amount)::text as amount from settlements group by part, state",
  );
  const of = (part: SettlementPart, state: string) =>
    BigInt(rows.find((row) => row.part === part && row.state === state)?.amount ?? 0);
  const all = (state: string) => ({
    pay_pool: of("pay_pool", state),
    till_pool: of("till_pool", state),
    draw_till: of("draw_till", state),
    give_back: of("give_back", state),
  });
  return { moved: all("moved"), asked: all("asked") };
}
