/** A contributor's account, read and told in words. */
import type { Address } from "@ton/core";
import { ContributorAccount } from "../wrappers/ContributorAccount.ts";
import type { AccountData } from "../wrappers/ContributorAccount.ts";
import { ContributorAccountTerms as Terms } from "../wrappers/contributor-account-codes.ts";
import { ownerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { frozen } from "../offchain/frozen.ts";
import { coins, when } from "./words.ts";

export interface AccountSnapshot {
  account: ContributorAccount;
  /** Null before the first stake or claim. */
  data: AccountData | null;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showAccount(context: CliContext): Promise<void> {
  const owner = ownerOf(context);
  const { account, data, nowS } = await readAccount(context, { owner, distributor: distributorAddress(context) });
  context.say(`Account    ${account.address.toString()}`);
  context.say(`Owner      ${owner.toString({ bounceable: false })}`);
  if (!data) return context.say("           not there yet: the first stake or claim creates it");
  context.say(`Stake      ${coins(data.stake)}`);
  context.say(`Unbonding  ${describeUnbonding(data, nowS)}`);
  context.say(`Claimed    ${coins(data.claimed)} since the beginning`);
  context.say(`Dispute    ${describeDispute(data, nowS)}`);
}

/** @throws when the account is frozen. */
export async function readAccount(
  context: CliContext,
  { owner, distributor }: { owner: Address; distributor: Address },
): Promise<AccountSnapshot> {
  const account = new ContributorAccount({ owner, distributor });
  const { state, timestampt: nowS } = await context.client.getContractState(account.address);
  if (state === "frozen") throw frozen("account", account.address);
  return { account, nowS, data: state === "active" ? await context.client.open(account).getData() : null };
}

/** The distributor of the command line. @throws without one. */
export function distributorAddress({ settings }: CliContext): Address {
  if (!settings.distributor)
    throw new Error(
      "Pass --distributor with the address of the RewardDistributor: a contributor's account is derived from it.",
    );
  return settings.distributor;
}

export function describeUnbonding({ unbonding, unbondAt }: AccountData, nowS: number): string {
  if (unbonding === 0n) return "nothing";
  return `${coins(unbonding)}, ${unbondAt > nowS ? "free on" : "free since"} ${when(unbondAt, nowS)}`;
}

export function describeDispute({ disputed, executeAfter, coolUntil }: AccountData, nowS: number): string {
  if (disputed > 0n)
    return executeAfter > nowS
      ? `${coins(disputed)} is held; appeal to the guardian until ${when(executeAfter, nowS)}`
      : `${coins(disputed)} is held, and anybody can execute the slash until ${when(executeAfter + Terms.DISPUTE_SECONDS, nowS)}; then it is free`;
  return coolUntil > nowS ? `none, and none can be opened before ${when(coolUntil, nowS)}` : "none";
}
