/**
 * The house's coins from both sides: what the chain has at each of its addresses, and what the books owe, have and leave to
 * be swept. `operator chain` says it, and the operator's page shows it.
 */
import { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { compareBalances } from "../chain/compare-balances.ts";
import type { Compared } from "../chain/compare-balances.ts";
import { ChainUnread } from "../chain/read-account.ts";
import { unlessStopped } from "../chain/repeat.ts";
import { readSolvency } from "../chain/solvency.ts";
import type { Solvency } from "../chain/solvency.ts";
import type { Database } from "../db/executor.ts";
import { chainCursors, chainHome } from "../db/schema.ts";
import { seeDistributor } from "../earnings/distributor.ts";
import type { SeenDistributor } from "../earnings/distributor.ts";
import { sweepable } from "../settlement/plan-settlement.ts";
import { atLeastNothing, leavesWaiting, overInTill, settlementBooks } from "../settlement/settlement-books.ts";
import type { OperatorContext } from "./command.ts";

export type Home = typeof chainHome.$inferSelect;

export interface ChainSide {
  /** The accounts whose every transaction is in the books. */
  readonly compared: readonly Compared[];
  /** Null: it does not answer now. */
  readonly distributor: SeenDistributor | null;
  /** Addresses that the distributor names, whose transactions are in no books. */
  readonly others: readonly OtherAccount[];
}

interface OtherAccount {
  readonly role: "treasury" | "refunds" | "publisher";
  readonly address: string;
  /** Null: it does not answer now. */
  readonly balance: bigint | null;
}

/** Null: this database's money is on no network yet. */
export async function readHome(db: Pick<Database, "select">): Promise<Home | null> {
  const [home] = await db.select().from(chainHome);
  return home ?? null;
}

/** @throws ChainUnread, and the endpoint's and the database's faults */
export async function readChainSide(
  db: Database,
  { client, home, signal }: { client: TonClient; home: Home; signal: AbortSignal },
): Promise<ChainSide> {
  const cursors = await db.select().from(chainCursors).orderBy(chainCursors.role);
  const accounts = cursors.map(({ role, address }) => ({ role, address: Address.parseRaw(address) }));
  const compared = await unlessStopped(signal, compareBalances(db, client, accounts));
  const at = { client, distributor: Address.parseRaw(home.distributor), networkId: home.networkId };
  // Without it what is in the books is compared all the same.
  const distributor = await seeDistributor(at, signal).catch(() => null);
  return { compared, distributor, others: await readOthers(client, distributor, signal) };
}

async function readOthers(
  client: TonClient,
  seen: SeenDistributor | null,
  signal: AbortSignal,
): Promise<OtherAccount[]> {
  const others: OtherAccount[] = [];
  for (const role of ["treasury", "refunds", "publisher"] as const) {
    const address = seen?.[role] ?? null;
    if (address === null) continue;
    const balance = await unlessStopped(signal, client.getBalance(address)).catch(() => null);
    others.push({ role, address: address.toRawString(), balance });
  }
  return others;
}

/** Why the chain could not be read, as the end of a sentence. */
export const whyUnread = (error: unknown): string =>
  error instanceof ChainUnread ? error.message : "it does not answer";

export interface BooksSide {
  readonly solvency: Solvency;
  /** The pool was given it of what leaves owed. */
  readonly inPool: bigint;
  readonly claimed: bigint;
  /** Of leaves: still to be moved to the pool, and on its way there. */
  readonly toPool: bigint;
  readonly onItsWay: bigint;
  /** Of people's, in the till, to be moved. */
  readonly toDeposits: bigint;
  /** The house's fees that the keepers may take from each vault now. */
  readonly sweepable: { readonly deposits: bigint; readonly till: bigint };
  /** Claims that took more out of the pool than the books say was owed: none for a root that this server proposed. */
  readonly claimedBeyond: { readonly count: number; readonly last: string } | null;
}

/** Reads every posting once. */
export async function readBooksSide(pg: OperatorContext["pg"]): Promise<BooksSide> {
  const settled = await settlementBooks(pg);
  const { moved, asked, claimed } = settled;
  return {
    solvency: await readSolvency(pg),
    inPool: moved.pay_pool + moved.till_pool,
    claimed,
    toPool: leavesWaiting(settled),
    onItsWay: asked.pay_pool + asked.till_pool,
    toDeposits: overInTill(settled),
    sweepable: sweepable(settled),
    claimedBeyond: await readClaimedBeyond(pg),
  };
}

async function readClaimedBeyond(pg: OperatorContext["pg"]): Promise<BooksSide["claimedBeyond"]> {
  const { rows } = await pg.query<{ count: number; last: string | null }>(
    `select count(*)::int as count, (array_agg(encode(hash, 'hex') order by lt desc))[1] as last
     from chain_transactions where role = 'pool' and kind = 'claimed_beyond'`,
  );
  const { count, last } = rows[0]!;
  return last === null ? null : { count, last };
}

/** Of what the pool was given and nobody claimed yet, what the chain does not show there. */
export function missingInPool({ inPool, claimed }: BooksSide, compared: readonly Compared[]): bigint {
  const there = compared.find(({ role }) => role === "pool")?.onChain ?? 0n;
  return atLeastNothing(atLeastNothing(inPool - claimed) - there);
}
