/** Whether what lies at an address is a contract we know, before anything is sent to it. */
import { Cell } from "@ton/core";
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { rewardDistributorCode } from "../wrappers/RewardDistributor.ts";
import { Vault } from "../wrappers/Vault.ts";

const CODES = { RewardDistributor: rewardDistributorCode, Vault: Vault.code };

/**
 * Returns the chain's time, UNIX seconds. A stranger's distributor would slash a stake, and would ask of a claim whatever lies in the wallet; no
 * provider serves on an escrow that pays a stranger's vault.
 * @throws when none is there, or another version of it: none can change its code.
 */
export async function assertKnown(
  { client }: { client: TonClient },
  name: keyof typeof CODES,
  address: Address,
): Promise<number> {
  const { code, timestampt: nowS } = await client.getContractState(address);
  if (!code || !Cell.fromBoc(code)[0]!.equals(CODES[name]))
    throw new Error(
      `${address.toString()} is not a ${name} on this network: compare it with what you were told, and send it nothing. (For one of another version use the tool of that version.)`,
    );
  return nowS;
}
