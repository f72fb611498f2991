/** What the owner of a stake can ask of their wallet. */
import { stakeRequest, unbondRequest, withdrawUnbondedRequest } from "@starai/contracts/connect/contributor-requests";
import type { RequestTerms, WalletRequest } from "@starai/contracts/connect/wallet-request";
import type { StakeKind } from "./stake-act.ts";

export interface StakeWish {
  readonly kind: StakeKind;
  /** Nano units; a withdrawal takes all that may leave, and names none. */
  readonly amount: bigint;
}

/** What a stake's address is made of, and that address, all raw. */
interface Account {
  readonly owner: string;
  readonly distributor: string;
  readonly account: string;
}

export async function requestOf(
  { kind, amount }: StakeWish,
  terms: RequestTerms,
  { account, ...made }: Account,
): Promise<WalletRequest> {
  if (kind === "stake") return stakeRequest(terms, { ...made, amount });
  return kind === "unbond" ? unbondRequest(terms, { account, amount }) : withdrawUnbondedRequest(terms, { account });
}
