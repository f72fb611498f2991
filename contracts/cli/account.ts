/** A contributor's stake: in, unbonding, home again. */
import type { Cell } from "@ton/core";
import { assertKnown } from "../offchain/known-contract.ts";
import {
  ContributorAccount,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "../wrappers/ContributorAccount.ts";
import type { AccountData } from "../wrappers/ContributorAccount.ts";
import { send } from "./send.ts";
import { ownerOf, signerOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { nanoOf, ton, when } from "./words.ts";

/** For gas and two years' rent at either price list; what is not needed comes back. */
const ATTACHED = 100_000_000n;

interface Seen {
  account: ContributorAccount;
  /** Null before the first stake or claim. */
  data: AccountData | null;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showAccount(context: CliContext): Promise<void> {
  const { account, data, nowS } = await seeAccount(context, ownerOf(context));
  context.say(`Account    ${account.address.toString()}`);
  context.say(`Owner      ${ownerOf(context).toString({ bounceable: false })}`);
  if (!data) return context.say("           not there yet: the first stake or claim makes it");
  context.say(`Stake      ${ton(data.stake)}`);
  context.say(`Unbonding  ${unbondingOf(data, nowS)}`);
  context.say(`Claimed    ${ton(data.claimed)} since the beginning`);
  context.say(`Dispute    ${disputeOf(data, nowS)}`);
}

export async function stake(context: CliContext, said: string | undefined): Promise<void> {
  const amount = nanoOf("stake", said);
  const { account } = accountOf(context);
  await assertKnown(context, "RewardDistributor", distributorOf(context));
  const data = await change(context, stakeBody(amount), { value: amount + ATTACHED, init: account.init });
  context.say(`Staked ${ton(amount)}; ${ton(data.stake)} at stake now.`);
}

export async function unbond(context: CliContext, said: string | undefined): Promise<void> {
  await change(context, requestUnbondBody(nanoOf("unbond", said)), { value: ATTACHED });
  const { data, nowS } = await seeAccount(context, signerOf(context).wallet.address);
  context.say(`Unbonding ${unbondingOf(data!, nowS)}; ${ton(data!.stake)} stays at stake.`);
}

export async function withdraw(context: CliContext): Promise<void> {
  const { data: before, nowS } = await seeAccount(context, signerOf(context).wallet.address);
  if (!before?.unbonding) throw new Error("Nothing is unbonding: begin with `unbond <amount>`.");
  if (before.unbondAt > nowS || before.disputed >= before.stake + before.unbonding)
    throw new Error(
      `Nothing can be taken home yet. Unbonding: ${unbondingOf(before, nowS)}. Dispute: ${disputeOf(before, nowS)}.`,
    );
  const after = await change(context, withdrawUnbondedBody(), { value: ATTACHED });
  context.say(`${ton(before.unbonding - after.unbonding)} came home to your wallet.`);
  if (after.unbonding > 0n) context.say(`${ton(after.unbonding)} is held by a dispute: \`account\` says until when.`);
}

/** The account of `owner` with the distributor named on the command line. */
export async function seeAccount(
  context: CliContext,
  owner = ownerOf(context),
  distributor = distributorOf(context),
): Promise<Seen> {
  const account = new ContributorAccount({ owner, distributor });
  const { state, timestampt: nowS } = await context.client.getContractState(account.address);
  if (state === "frozen")
    throw new Error(`The account ${account.address.toString()} is frozen by its rent: send it some TON to wake it.`);
  return { account, nowS, data: state === "active" ? await context.client.open(account).getData() : null };
}

async function change(
  context: CliContext,
  body: Cell,
  extra: { value: bigint; init?: ContributorAccount["init"] },
): Promise<AccountData> {
  const { account, contracts } = accountOf(context);
  await send(context, { to: account.address, body, contracts, ...extra });
  const { data } = await seeAccount(context, signerOf(context).wallet.address);
  return data!;
}

function accountOf(context: CliContext) {
  const owner = signerOf(context).wallet.address;
  const account = new ContributorAccount({ owner, distributor: distributorOf(context) });
  return { account, contracts: [{ name: "account", address: account.address }] };
}

function distributorOf({ settings }: CliContext) {
  if (!settings.distributor)
    throw new Error(
      "Say --distributor and the address of the RewardDistributor you stake with: an account is made of it.",
    );
  return settings.distributor;
}

function unbondingOf({ unbonding, unbondAt }: AccountData, nowS: number): string {
  if (unbonding === 0n) return "nothing";
  return `${ton(unbonding)}, ${unbondAt > nowS ? "free on" : "free since"} ${when(unbondAt, nowS)}`;
}

function disputeOf({ disputed, executeAfter, coolUntil }: AccountData, nowS: number): string {
  if (disputed > 0n) return `${ton(disputed)} is held; appeal to the guardian until ${when(executeAfter, nowS)}`;
  return coolUntil > nowS ? `none, and none can be opened before ${when(coolUntil, nowS)}` : "none";
}
