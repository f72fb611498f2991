/** Addresses as people read them: those of wallets, which nothing sent to comes back from. */
import { Address } from "@ton/core";
import type { Chain } from "./chain.ts";

export function peopleAddress({ network }: Pick<Chain, "network">, raw: string): string {
  return Address.parseRaw(raw).toString({ bounceable: false, testOnly: network !== "mainnet" });
}
