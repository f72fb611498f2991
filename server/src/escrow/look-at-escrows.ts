/**
 * Looks at the escrows that people pay from or owe by: what the chain shows, the rounds that are over, and the vouchers
 * that are worth redeeming.
 */
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { redeemIfWorth } from "./redeem.ts";
import { seeEscrow } from "./see-escrow.ts";
import { settleRound } from "./settle-round.ts";

/**
 * Read from the database at once. Three calls each: an endpoint with a key answers ten a second, so that some thousand
 * escrows are looked at within the five minutes in which a look counts (SEEN_MAX_MS).
 */
const AT_ONCE_MAX = 100;

/** @throws the first escrow's fault, after all were looked at */
export async function lookAtEscrows(ctx: ChainContext, chain: Chain, signal: AbortSignal): Promise<void> {
  const faults: unknown[] = [];
  const looked: string[] = [];
  for (let due = await inUse(ctx, looked); due.length > 0; due = await inUse(ctx, looked))
    for (const address of due) {
      signal.throwIfAborted();
      looked.push(address);
      await lookAt(ctx, chain, address).catch((error: unknown) => faults.push(error));
    }
  if (faults.length > 0) throw faults[0];
}

async function lookAt(ctx: ChainContext, chain: Chain, address: string): Promise<void> {
  await seeEscrow(ctx, chain, address);
  await settleRound(ctx, address);
  await redeemIfWorth(ctx, chain, address);
}

/**
 * Those with something signed that is not spent or not paid, and those whose round is over, but for those that were
 * `looked` at. Closes come first, which have a deadline, then those that waited longest.
 */
async function inUse({ pg }: ChainContext, looked: readonly string[]): Promise<string[]> {
  const { rows } = await pg.query<{ address: string }>(
    `select e.address from escrows e
     where e.address <> all($1::text[]) and (e.booked_round <> e.round or exists (
       select from ledger_accounts a where a.asset = 'coin' and a.kind in ('receivable', 'escrow')
         and a.owner = 'escrow:' || substr(e.address, 3) and a.balance <> 0))
     order by (e.booked_round <> e.round or e.ripe_at is not null) desc, e.seen_at limit ${AT_ONCE_MAX}`,
    [looked],
  );
  return rows.map(({ address }) => address);
}
