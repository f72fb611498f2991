import { uint } from "../signed-cell.ts";
import { VaultOp } from "../vault-codes.ts";
import { cellOf } from "./cell.ts";
import { head, walletRequest } from "./wallet-request.ts";
import type { RequestTerms, WalletRequest } from "./wallet-request.ts";

export interface Deposit {
  /** The vault's raw address. */
  vault: string;
  /** Nano units, credited in full. */
  amount: bigint;
  /** The person's deposit number: a random one, since everybody can read it on chain. */
  userId: bigint;
}

/** Pays into a vault. `queryId` is the invoice's number. */
export function depositRequest(terms: RequestTerms, { vault, amount, userId }: Deposit): WalletRequest {
  const body = cellOf([...head(VaultOp.Deposit, terms), uint("userId", userId, 64)]);
  return walletRequest(terms, { to: vault, value: amount, body });
}
