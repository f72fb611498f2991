/** Whether what lies at an address is the contract we know, before anything is sent to it. */
import { type Address, Cell } from "@ton/core";
import { rewardDistributorCode } from "../wrappers/RewardDistributor.ts";
import type { Session } from "./session.ts";

/**
 * Returns the chain's time, UNIX seconds. A stranger's contract would slash a stake, and would ask of a claim whatever lies in the wallet.
 * @throws when no RewardDistributor is there, or another version of it: none can change its code.
 */
export async function assertDistributor({ client }: Session, address: Address): Promise<number> {
  const { code, timestampt: nowS } = await client.getContractState(address);
  if (!code || !Cell.fromBoc(code)[0]!.equals(rewardDistributorCode))
    throw new Error(
      `${address.toString()} is not a RewardDistributor on this network, or not of this version: compare it with what you were told, and send it nothing.`,
    );
  return nowS;
}
