/** Commands for a contributor's stake. */
import { assertKnown } from "../offchain/known-contract.ts";
import {
  ContributorAccount,
  requestUnbondBody,
  stakeBody,
  withdrawUnbondedBody,
} from "../wrappers/ContributorAccount.ts";
import type { AccountData } from "../wrappers/ContributorAccount.ts";
import { describeDispute, describeUnbonding, distributorAddress, readAccount } from "./account.ts";
import { senderOf } from "./cli-context.ts";
import type { CliContext } from "./cli-context.ts";
import { deliver } from "./deliver.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { coins, coinsOf } from "./words.ts";

/** Attached value, nano units: gas and two years' storage under either price list; the rest is refunded. */
const ATTACHED = 100_000_000n;

export async function stake(context: CliContext, [amountText = ""]: readonly string[]): Promise<void> {
  const amount = coinsOf("The amount", amountText);
  await assertKnown(context, "RewardDistributor", distributorAddress(context));
  const { init } = accountOf(context);
  const data = await sendToAccount(context, { body: stakeBody(amount), value: amount + ATTACHED, init });
  if (data) context.say(`Staked ${coins(amount)}; ${coins(data.stake)} at stake now.`);
}

export async function unbond(context: CliContext, [amountText = ""]: readonly string[]): Promise<void> {
  const amount = coinsOf("The amount", amountText);
  const data = await sendToAccount(context, { body: requestUnbondBody(amount), value: ATTACHED });
  if (!data) return;
  const { nowS } = await readOwn(context);
  context.say(`Unbonding ${describeUnbonding(data, nowS)}; ${coins(data.stake)} stays at stake.`);
}

export async function withdraw(context: CliContext): Promise<void> {
  const { data: before, nowS } = await readOwn(context);
  if (!before?.unbonding) throw new Error("Nothing is unbonding: begin with `unbond <amount>`.");
  if (before.unbondAt > nowS || before.disputed >= before.stake + before.unbonding)
    throw new Error(
      `Nothing can be taken home yet. Unbonding: ${describeUnbonding(before, nowS)}. Dispute: ${describeDispute(before, nowS)}.`,
    );
  const after = await sendToAccount(context, { body: withdrawUnbondedBody(), value: ATTACHED });
  if (!after) return;
  context.say(`${coins(before.unbonding - after.unbonding)} came home to your wallet.`);
  if (after.unbonding > 0n)
    context.say(`${coins(after.unbonding)} is held by a dispute: \`account\` shows until when.`);
}

/** The account's data after the message; null when it was only printed. */
async function sendToAccount(
  context: CliContext,
  message: Pick<OutgoingMessage, "body" | "value" | "init">,
): Promise<AccountData | null> {
  const { address } = accountOf(context);
  const contracts = [{ name: "account", address }];
  const done = await deliver(context, { to: address, from: senderOf(context), contracts, ...message });
  return done ? (await readOwn(context)).data : null;
}

const readOwn = async (context: CliContext) =>
  readAccount(context, { owner: senderOf(context), distributor: distributorAddress(context) });

const accountOf = (context: CliContext) =>
  new ContributorAccount({ owner: senderOf(context), distributor: distributorAddress(context) });
