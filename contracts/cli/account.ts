/** Commands for a contributor's stake: show, stake, unbond and withdraw. */
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
import { nanoOf, coins, when } from "./words.ts";

/** Attached value, nano units: gas and two years' storage under either price list; the rest is refunded. */
const ATTACHED = 100_000_000n;

interface AccountSnapshot {
  account: ContributorAccount;
  /** Null before the first stake or claim. */
  data: AccountData | null;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showAccount(context: CliContext): Promise<void> {
  const { account, data, nowS } = await readAccount(context, ownerOf(context));
  context.say(`Account    ${account.address.toString()}`);
  context.say(`Owner      ${ownerOf(context).toString({ bounceable: false })}`);
  if (!data) return context.say("           not there yet: the first stake or claim creates it");
  context.say(`Stake      ${coins(data.stake)}`);
  context.say(`Unbonding  ${describeUnbonding(data, nowS)}`);
  context.say(`Claimed    ${coins(data.claimed)} since the beginning`);
  context.say(`Dispute    ${describeDispute(data, nowS)}`);
}

export async function stake(context: CliContext, amountText: string | undefined): Promise<void> {
  const amount = nanoOf("stake", amountText);
  const { account } = accountOf(context);
  await assertKnown(context, "RewardDistributor", distributorOf(context));
  const data = await sendToAccount(context, stakeBody(amount), { value: amount + ATTACHED, init: account.init });
  context.say(`Staked ${coins(amount)}; ${coins(data.stake)} at stake now.`);
}

export async function unbond(context: CliContext, amountText: string | undefined): Promise<void> {
  await sendToAccount(context, requestUnbondBody(nanoOf("unbond", amountText)), { value: ATTACHED });
  const { data, nowS } = await readAccount(context, signerOf(context).wallet.address);
  context.say(`Unbonding ${describeUnbonding(data!, nowS)}; ${coins(data!.stake)} stays at stake.`);
}

export async function withdraw(context: CliContext): Promise<void> {
  const { data: before, nowS } = await readAccount(context, signerOf(context).wallet.address);
  if (!before?.unbonding) throw new Error("Nothing is unbonding: begin with `unbond <amount>`.");
  if (before.unbondAt > nowS || before.disputed >= before.stake + before.unbonding)
    throw new Error(
      `Nothing can be taken home yet. Unbonding: ${describeUnbonding(before, nowS)}. Dispute: ${describeDispute(before, nowS)}.`,
    );
  const after = await sendToAccount(context, withdrawUnbondedBody(), { value: ATTACHED });
  context.say(`${coins(before.unbonding - after.unbonding)} came home to your wallet.`);
  if (after.unbonding > 0n) context.say(`${coins(after.unbonding)} is held by a dispute: \`account\` shows until when.`);
}

/** Reads the account of `owner` at `distributor`, by default those of the command line. @throws when it is frozen. */
export async function readAccount(
  context: CliContext,
  owner = ownerOf(context),
  distributor = distributorOf(context),
): Promise<AccountSnapshot> {
  const account = new ContributorAccount({ owner, distributor });
  const { state, timestampt: nowS } = await context.client.getContractState(account.address);
  if (state === "frozen")
    throw new Error(`The account ${account.address.toString()} is frozen by storage debt: send it TON to unfreeze it.`);
  return { account, nowS, data: state === "active" ? await context.client.open(account).getData() : null };
}

async function sendToAccount(
  context: CliContext,
  body: Cell,
  extra: { value: bigint; init?: ContributorAccount["init"] },
): Promise<AccountData> {
  const { account, contracts } = accountOf(context);
  await send(context, { to: account.address, body, contracts, ...extra });
  const { data } = await readAccount(context, signerOf(context).wallet.address);
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
      "Pass --distributor with the address of the RewardDistributor you stake with: your account's address is derived from it.",
    );
  return settings.distributor;
}

function describeUnbonding({ unbonding, unbondAt }: AccountData, nowS: number): string {
  if (unbonding === 0n) return "nothing";
  return `${coins(unbonding)}, ${unbondAt > nowS ? "free on" : "free since"} ${when(unbondAt, nowS)}`;
}

function describeDispute({ disputed, executeAfter, coolUntil }: AccountData, nowS: number): string {
  if (disputed > 0n) return `${coins(disputed)} is held; appeal to the guardian until ${when(executeAfter, nowS)}`;
  return coolUntil > nowS ? `none, and none can be opened before ${when(coolUntil, nowS)}` : "none";
}
