/**
 * Looks at a contributor's account on the chain, and keeps what was seen. The account's address is a hash of our code with
 * the owner and the distributor in its first data, and the code has no way to change itself: what lives there is ours,
 * whoever deployed it, so that nothing else of it needs checking.
 */
import { Address } from "@ton/core";
import { eq, sql } from "drizzle-orm";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import type { AccountData } from "@starai/contracts/ContributorAccount";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import type { Executor } from "../db/executor.ts";
import { contributorStakes } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { followSlashes, lookAtSlashes, openSlashes } from "./follow-slash.ts";

export type StakeRow = typeof contributorStakes.$inferSelect;

/** More than all coins there are: an endpoint that says more says no more than this. */
const COINS_MAX = 4n * 10n ** 18n;
const BASECHAIN = 0;

/** Of a wallet, raw. Null where it can have none: contributors' accounts are in the basechain. */
export function accountOf({ distributor }: Pick<Chain, "distributor">, wallet: string): ContributorAccount | null {
  const owner = Address.parseRaw(wallet);
  return owner.workChain === BASECHAIN ? new ContributorAccount({ owner, distributor }) : null;
}

/**
 * Returns the row after the look; null where nothing is deployed.
 * @throws Refusal `interrupted` when the chain does not answer; then the row of before stays, with its time
 */
export async function seeStake(
  ctx: Pick<ChainContext, "db" | "clock">,
  chain: Chain,
  wallet: string,
): Promise<StakeRow | null> {
  const account = accountOf(chain, wallet);
  if (account === null) return null;
  const data = await readAccount(chain, account).catch(unanswered);
  const open = await openSlashes(ctx.db, wallet);
  const slashes = await lookAtSlashes(chain.client, open, { account: account.address, data }).catch(unanswered);
  // A dispute and what it is about are of one look: kept together, or not at all.
  return ctx.db.transaction(async (tx) => {
    const at = new Date(ctx.clock());
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`stake ${wallet}`}, 0))`);
    const row = await keep(tx, { wallet, account, data, at });
    await followSlashes(tx, slashes, at);
    return row;
  });
}

function unanswered(cause: unknown): never {
  throw new Refusal(
    "interrupted",
    "The chain does not answer at the moment. Your stake is where it was, and nothing was changed: look again in a minute.",
    { retryAfterS: 60, cause },
  );
}

interface Seen {
  readonly wallet: string;
  readonly account: ContributorAccount;
  /** Null where nothing is deployed. */
  readonly data: AccountData | null;
  readonly at: Date;
}

async function keep(db: Executor, { wallet, account, data, at }: Seen): Promise<StakeRow | null> {
  if (data === null) {
    await db.delete(contributorStakes).where(eq(contributorStakes.wallet, wallet));
    return null;
  }
  const facts = { ...factsOf(data), account: account.address.toRawString(), seenAt: at };
  const [row] = await db
    .insert(contributorStakes)
    .values({ wallet, ...facts })
    .onConflictDoUpdate({ target: contributorStakes.wallet, set: facts })
    .returning();
  return row!;
}

/** As it was last seen, whenever that was. */
export async function storedStake({ db }: { db: Executor }, wallet: string): Promise<StakeRow | null> {
  const [row] = await db.select().from(contributorStakes).where(eq(contributorStakes.wallet, wallet));
  return row ?? null;
}

async function readAccount({ client }: Chain, account: ContributorAccount): Promise<AccountData | null> {
  if (!(await client.isContractDeployed(account.address))) return null;
  return client.open(account).getData();
}

function factsOf({ stake, unbonding, unbondAt, claimed, disputed, executeAfter }: AccountData) {
  return {
    stake: bounded(stake),
    unbonding: bounded(unbonding),
    unbondAt: unbonding > 0n ? new Date(unbondAt * 1_000) : null,
    claimed: bounded(claimed),
    disputed: bounded(disputed),
    disputedUntil: disputed > 0n ? new Date(executeAfter * 1_000) : null,
  };
}

const bounded = (amount: bigint): bigint => (amount > COINS_MAX ? COINS_MAX : amount);
