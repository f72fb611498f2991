/** Checks that a contract is one of ours before anything is sent to it. */
import { Cell } from "@ton/core";
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import { frozen } from "./frozen.ts";
import { rewardDistributorCode } from "../wrappers/RewardDistributor.ts";
import { Vault } from "../wrappers/Vault.ts";

const CODES = { RewardDistributor: rewardDistributorCode, Vault: Vault.code };

/**
 * Returns the chain's time, UNIX seconds. A stranger's distributor could slash a stake or charge a claim the wallet's whole
 * balance; no provider serves on an escrow that pays a stranger's vault.
 * @throws when the address has no contract or other code, such as another version's: a deployed contract's code never changes.
 */
export async function assertKnown(
  { client }: { client: TonClient },
  name: keyof typeof CODES,
  address: Address,
): Promise<number> {
  const { state, code, timestampt: nowS } = await client.getContractState(address);
  if (state === "frozen") throw frozen(name, address);
  if (!code || !Cell.fromBoc(code)[0]!.equals(CODES[name]))
    throw new Error(
      `${address.toString()} is not a ${name} on this network: compare it with what you were told, and send it nothing. (For a contract of another version, use that version's tool.)`,
    );
  return nowS;
}
