/** An escrow's two accounts in the ledger, and what they say together. */
import type { PoolClient, Pool } from "pg";
import type { Ledger } from "../ledger/ledger.ts";
import type { AccountId } from "../ledger/rules/operation.ts";
import type { EscrowBooks, EscrowRow } from "./escrow-room.ts";

export interface EscrowAccounts {
  /** Below zero: what was signed to us and not paid yet. */
  readonly receivable: AccountId;
  /** What was signed or paid, and not served yet. */
  readonly escrow: AccountId;
}

/** @param address  raw */
export async function escrowAccounts(ledger: Ledger, address: string): Promise<EscrowAccounts> {
  const owner = escrowOwner(address);
  const [receivable, escrow] = await Promise.all([
    ledger.openAccount({ asset: "coin", kind: "receivable", owner }),
    ledger.openAccount({ asset: "coin", kind: "escrow", owner }),
  ]);
  return { receivable, escrow };
}

/**
 * What was signed grows, and holds are opened, under the lock of the escrow's row alone. A capture may come between: it
 * makes of held served, which changes no sum of both.
 */
export async function escrowBooks(
  database: Pick<Pool | PoolClient, "query">,
  accounts: EscrowAccounts,
  { bookedSettled }: Pick<EscrowRow, "bookedSettled">,
): Promise<EscrowBooks> {
  const { rows } = await database.query<{ owed: string; left: string; held: string }>(
    `select r.balance as owed, e.balance as left, e.held from ledger_accounts r, ledger_accounts e
     where r.id = $1 and e.id = $2`,
    [accounts.receivable, accounts.escrow],
  );
  const { owed, left, held } = rows[0]!;
  const signed = bookedSettled - BigInt(owed);
  return { signed, captured: signed - BigInt(left), held: BigInt(held) };
}

/** As accounts of the ledger name it. @param address  raw */
export const escrowOwner = (address: string): string => `escrow:${address.slice(2)}`;
