/**
 * Ends a round in the books once it has ended on the chain, where all its vouchers are void: by a withdrawal, a close
 * together, or new keys. Of what was signed, nothing more will be paid.
 *
 *   signed and never paid        escrow → receivable: it was a promise, and is none any more
 *   served and never paid        own → receivable: the house's loss
 *   paid and never served        escrow → person: it is prepaid from now on
 */
import { eq } from "drizzle-orm";
import { escrowAccounts, escrowBooks } from "../billing/escrow-books.ts";
import type { EscrowAccounts } from "../billing/escrow-books.ts";
import { lockEscrow } from "../billing/escrow-purse.ts";
import type { EscrowBooks, EscrowRow } from "../billing/escrow-room.ts";
import { ledgerKey } from "../billing/ledger-key.ts";
import { moneyTransaction } from "../billing/money-transaction.ts";
import { ownerOfWallet } from "../chain/bound-wallet.ts";
import type { ChainContext } from "../chain/context.ts";
import { personsCoins } from "../deposits/deposit-accounts.ts";
import { escrows } from "../db/schema.ts";
import { applyAll } from "../ledger/apply-operations.ts";
import type { AccountId, Move } from "../ledger/rules/operation.ts";
import { hasOpenHolds } from "./open-holds.ts";

/** `waits`: a payment that the chain shows is not in the books yet, or an answer is under way. */
export async function settleRound(ctx: ChainContext, address: string): Promise<"current" | "waits" | "settled"> {
  const accounts = await escrowAccounts(ctx.ledger, address);
  const house = await ctx.ledger.openAccount({ asset: "coin", kind: "own", owner: "till" });
  return moneyTransaction(ctx.pg, async ({ client, tx }) => {
    const row = await lockEscrow(tx, address);
    if (row === null || row.bookedRound === row.round) return "current";
    // The last answer's end is not the end of its payment: late is not lost.
    if (row.bookedSettled < row.settled || (await hasOpenHolds(client, accounts.escrow))) return "waits";
    const books = await escrowBooks(client, accounts, row);
    const person = await ownerOfWallet(tx, row.owner);
    const prepaid = person === null ? null : await ctx.ledger.openAccount(personsCoins(person));
    const moves = movesOf(row, books, { ...accounts, house, prepaid });
    await applyAll(client, moves, `the end of ${address}'s round`);
    await tx.update(escrows).set({ bookedRound: row.round }).where(eq(escrows.address, address));
    const lost = books.captured - row.bookedSettled;
    if (lost > 0n)
      ctx.log.error({ escrow: address, lost: String(lost) }, "an escrow was closed before what it owed was redeemed");
    return "settled";
  });
}

function movesOf(
  { address, bookedRound, bookedSettled: paid }: EscrowRow,
  { signed, captured: served }: EscrowBooks,
  { receivable, escrow, house, prepaid }: EscrowAccounts & { house: AccountId; prepaid: AccountId | null },
): Move[] {
  const move = (kind: string, from: AccountId, to: AccountId, amount: bigint): Move[] =>
    amount <= 0n
      ? []
      : [{ verb: "move", key: ledgerKey("escrow_round", address, bookedRound, kind), from, to, amount, kind }];
  const most = paid > served ? paid : served;
  return [
    ...move("voucher_void", escrow, receivable, signed - most),
    ...move("escrow_loss", house, receivable, served - paid),
    // Without a bound wallet it stays where it is, and pays for answers of the next round.
    ...(prepaid === null ? [] : move("escrow_over", escrow, prepaid, paid - served)),
  ];
}
