/** The ledger's accounts of deposits. */
import { CHAIN_TERMS } from "@starai/protocol/wallet";
import { personOwner } from "../billing/bill.ts";
import type { Chain } from "../chain/chain.ts";
import type { AccountName } from "../ledger/open-account.ts";

export const UNMATCHED: AccountName = { asset: "coin", kind: "unmatched", owner: "house" };

export const personsCoins = (person: string): AccountName => ({
  asset: "coin",
  kind: "person",
  owner: personOwner(person),
});

/** Whether a second endpoint must show it, too. On the sandbox's network there is one machine, and it is our own. */
export const isChecked = ({ network }: Pick<Chain, "network">, amount: bigint): boolean =>
  network !== "sandbox" && amount > CHAIN_TERMS.checkedAbove;
