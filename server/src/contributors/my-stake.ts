/** A person's stake as their app sees it. */
import { eq } from "drizzle-orm";
import type { MyStake, StakeView } from "@starai/protocol/contributor";
import { boundWalletOf } from "../chain/bound-wallet.ts";
import type { Chain } from "../chain/chain.ts";
import type { ChainContext } from "../chain/context.ts";
import { workerBindings } from "../db/schema.ts";
import { Refusal } from "../errors.ts";
import { accountOf, seeStake, storedStake } from "./see-stake.ts";
import type { StakeRow } from "./see-stake.ts";

/**
 * Looks at the chain; where that does not answer or many ask it, as it was last seen, with the time of it. Null where this server has no chain.
 * @throws Refusal `interrupted` where the chain does not answer and never did, `queue_full` where many ask and it never did
 */
export async function myStake(ctx: ChainContext, person: string): Promise<MyStake | null> {
  const { chain } = ctx.ton;
  if (chain === null) return null;
  const machines = await ctx.db.$count(workerBindings, eq(workerBindings.person, person));
  const wallet = (await boundWalletOf(ctx.db, person))?.address ?? null;
  const answeredAt = new Date(ctx.clock()).toISOString();
  const shared = { nowS: chain.nowS(), answeredAt, distributor: chain.distributor.toRawString(), wallet, machines };
  if (wallet === null) return { ...shared, disputedUntil: null, stake: null };
  const seen = await lookAt(ctx, chain, { person, wallet });
  const stake = stakeView(chain, { wallet, machines, ...seen });
  // What was last seen says nothing of the time since then: nothing may expire by it.
  const nowS = seen.isOld ? Math.min(shared.nowS, Math.floor(seen.seenAt.getTime() / 1_000)) : shared.nowS;
  return { ...shared, nowS, disputedUntil: seen.row?.disputedUntil?.toISOString() ?? null, stake };
}

interface Seen {
  readonly row: StakeRow | null;
  readonly seenAt: Date;
  /** The chain does not answer: it is as it was seen before. */
  readonly isOld: boolean;
}

async function lookAt(
  ctx: ChainContext,
  chain: Chain,
  { person, wallet }: { person: string; wallet: string },
): Promise<Seen> {
  const asked = { person, question: `stake ${wallet}`, nowMs: ctx.clock() };
  try {
    const row = await ctx.ton.asked.once(asked, () => seeStake(ctx, chain, wallet));
    return { row, seenAt: new Date(ctx.clock()), isOld: false };
  } catch (error) {
    const row = error instanceof Refusal ? await storedStake(ctx, wallet) : null;
    if (row === null) throw error;
    return { row, seenAt: row.seenAt, isOld: true };
  }
}

/** Null where the wallet can have no account. */
function stakeView(
  chain: Chain,
  { wallet, machines, row, seenAt }: Omit<Seen, "isOld"> & { wallet: string; machines: number },
): StakeView | null {
  const account = accountOf(chain, wallet);
  if (account === null) return null;
  const { stake = 0n, unbonding = 0n, unbondAt = null, disputed = 0n } = row ?? {};
  return {
    account: account.address.toRawString(),
    isDeployed: row !== null,
    stake: String(stake),
    unbonding: String(unbonding),
    unbondAt: unbondAt?.toISOString() ?? null,
    disputed: String(disputed),
    perMachine: String(machines === 0 ? stake : stake / BigInt(machines)),
    seenAt: seenAt.toISOString(),
  };
}
