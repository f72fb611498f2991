/** A reward distributor, read and told in words. */
import type { Address } from "@ton/core";
import { assertKnown } from "../offchain/known-contract.ts";
import { RewardDistributor } from "../wrappers/RewardDistributor.ts";
import type { DistributorData } from "../wrappers/RewardDistributor.ts";
import { distributorAddress } from "./account.ts";
import type { CliContext } from "./cli-context.ts";
import { coins, spanOf, when } from "./words.ts";

export interface DistributorSnapshot {
  distributor: RewardDistributor;
  data: DistributorData;
  /** Nano units. */
  balance: bigint;
  payable: bigint;
  /** The chain's time, UNIX seconds. */
  nowS: number;
}

export async function showDistributor(context: CliContext): Promise<void> {
  const { distributor, data, balance, payable, nowS } = await readDistributor(context);
  const { say } = context;
  say(`Distributor ${distributor.address.toString()}`);
  say(`Epoch      ${data.epoch === 0 ? "none yet" : `${data.epoch}, since ${when(data.activatedAt, nowS)}`}`);
  say(`Owed       ${coins(data.totalCum - data.totalPaid)}; the pool holds ${coins(balance)}`);
  say(`Payable    ${coins(payable)} now: the least of bucket, debt and pool`);
  say(`Cap        ${coins(data.epochCap)} of new debt in ${spanOf(data.epochSeconds)}${describeCapChange(data, nowS)}`);
  say(`Pending    ${describePending(data, nowS)}`);
  say(`Frozen     ${data.frozenUntil > nowS ? `until ${when(data.frozenUntil, nowS)}` : "no"}`);
  say(`Publisher  ${person(data.publisher)}${describeNamed(data, nowS)}`);
  say(`Guardian   ${person(data.guardian)}${data.nextGuardian ? `; ${person(data.nextGuardian)} may accept` : ""}`);
  say(`Treasury   ${person(data.treasury)}`);
  say(`Slashes    are paid to ${data.refunds.toString()}`);
}

const person = (address: Address | null): string => address?.toString({ bounceable: false }) ?? "nobody";

/** Reads the distributor of the command line. @throws when its address has no contract, or one with other code. */
export async function readDistributor(context: CliContext): Promise<DistributorSnapshot> {
  const { client } = context;
  const address = distributorAddress(context);
  const nowS = await assertKnown(context, "RewardDistributor", address);
  const distributor = new RewardDistributor(address);
  const opened = client.open(distributor);
  return {
    distributor,
    nowS,
    data: await opened.getData(),
    balance: await client.getBalance(address),
    payable: await opened.getPayableNow(),
  };
}

function describePending({ pending, endorsed, epoch, totalCum }: DistributorData, nowS: number): string {
  if (!pending) return "no root";
  const can = pending.activeAt > nowS ? `can be opened from ${when(pending.activeAt, nowS)}` : "can be opened now";
  const protectedNow = endorsed ? ", endorsed by the guardian: it cannot be challenged" : "";
  return `the root of epoch ${epoch + 1}, ${coins(pending.totalCum - totalCum)} of new debt: ${can}${protectedNow}`;
}

function describeNamed({ nextPublisher, publisherFrom }: DistributorData, nowS: number): string {
  if (!nextPublisher) return "";
  return `; ${person(nextPublisher)} may accept from ${when(publisherFrom, nowS)}, if the treasury does not reject it`;
}

function describeCapChange({ capChange }: DistributorData, nowS: number): string {
  if (!capChange) return "";
  const { epochCap, from } = capChange;
  return `; ${coins(epochCap)} ${from === null ? "is proposed" : `can be applied from ${when(from, nowS)}`}`;
}
