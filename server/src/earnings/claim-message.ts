/** A claim of somebody's leaf, as a message for the distributor. */
import { Address } from "@ton/core";
import type { Cell } from "@ton/core";
import { ContributorAccount } from "@starai/contracts/ContributorAccount";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import type { Chain } from "../chain/chain.ts";
import { unlessStopped } from "../chain/repeat.ts";
import type { EpochTree } from "./epoch-tree.ts";

/** On top of what a claim needs, nano units; it comes back. */
const BESIDES = 50_000_000n;
/** Largest believable value of a claim, nano units: what an endpoint asks for beyond it is not attached. */
const VALUE_MAX = 500_000_000n;

interface Claimable {
  /** Raw. */
  readonly account: string;
  /** The leaf: everything ever earned, nano units. */
  readonly cumulative: bigint;
  readonly unclaimed: bigint;
  readonly proof: Cell;
  /** The account is not there yet: the claim brings its code. */
  readonly deploy: boolean;
  /** What to attach. */
  readonly value: bigint;
}

/** @param wallet  raw, of the basechain @throws the endpoint's faults */
export async function claimable(
  { client, distributor }: Pick<Chain, "client" | "distributor">,
  { tree, wallet }: { tree: EpochTree; wallet: string },
  signal: AbortSignal,
): Promise<Claimable> {
  const owner = Address.parseRaw(wallet);
  const account = new ContributorAccount({ owner, distributor });
  const { amount, proof } = await tree.proof(owner.hash);
  const { state } = await unlessStopped(signal, client.getContractState(account.address));
  const data = state === "active" ? await unlessStopped(signal, client.open(account).getData()) : null;
  const deploy = data === null;
  const opened = client.open(new RewardDistributor(distributor));
  const needed = (await unlessStopped(signal, opened.getClaimValue({ deploy }))) + (data?.storageDue ?? 0n);
  if (needed > VALUE_MAX) throw new Error("The endpoint says that a claim needs far more than it can.");
  const left = amount - (data?.claimed ?? 0n);
  return {
    account: account.address.toRawString(),
    cumulative: amount,
    unclaimed: left > 0n ? left : 0n,
    proof,
    deploy,
    value: needed + BESIDES,
  };
}
