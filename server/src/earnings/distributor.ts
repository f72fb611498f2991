/** The distributor as an endpoint shows it. */
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { RewardDistributor } from "@starai/contracts/RewardDistributor";
import type { DistributorData } from "@starai/contracts/RewardDistributor";
import { unlessStopped } from "../chain/repeat.ts";

export interface SeenDistributor extends DistributorData {
  readonly address: Address;
  readonly networkId: number;
  readonly balance: bigint;
  /** Logical time of its last transaction. */
  readonly lt: bigint;
  /** The chain's time, UNIX seconds. */
  readonly nowS: number;
}

interface DistributorAt {
  readonly client: TonClient;
  readonly distributor: Address;
  readonly networkId: number;
  /** The chain's clock; without one it is the endpoint's. */
  readonly nowS?: () => number;
}

/** @throws the endpoint's faults, or where there is no distributor */
export async function seeDistributor(at: DistributorAt, signal: AbortSignal): Promise<SeenDistributor> {
  const { client, distributor: address, networkId } = at;
  const state = await unlessStopped(signal, client.getContractState(address));
  const data = await unlessStopped(signal, client.open(new RewardDistributor(address)).getData());
  return {
    ...data,
    address,
    networkId,
    balance: state.balance,
    lt: BigInt(state.lastTransaction?.lt ?? 0),
    nowS: at.nowS?.() ?? state.timestampt,
  };
}

/** A root or hash that the chain has as a number. */
export const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
