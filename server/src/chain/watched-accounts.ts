/** The accounts whose every transaction is in the books, by their raw addresses. */
import type { Address } from "@ton/core";
import { keyPairFromSeed } from "@ton/crypto";
import { WalletContractV5R1 } from "@ton/ton";
import type { WatchedRole } from "../db/schema.ts";
import type { Chain } from "./chain.ts";

export interface WatchedAccount {
  readonly role: WatchedRole;
  readonly address: Address;
}

/** The hot wallet is ours by its key, or as the books know it: what the vault sends there is on its way, and not gone. */
export function watchedAccounts(chain: Chain): WatchedAccount[] {
  const hot = chain.hotOfBooks ?? ownAddressOfHot(chain);
  return [
    { role: "deposits", address: chain.deposits },
    ...(hot === null ? [] : [{ role: "hot" as const, address: hot }]),
    { role: "till", address: chain.till },
    { role: "pool", address: chain.distributor },
  ];
}

/** Null where this server pays nothing out. */
export function ownAddressOfHot(chain: Pick<Chain, "hotSeed" | "networkId">): Address | null {
  if (chain.hotSeed === null) return null;
  const { publicKey } = keyPairFromSeed(chain.hotSeed);
  return WalletContractV5R1.create({ publicKey, walletId: { networkGlobalId: chain.networkId } }).address;
}
