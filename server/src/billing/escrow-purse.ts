/** The escrow of a person's own wallet as a source of payment. */
import { and, desc, eq } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { escrows, wallets } from "../db/schema.ts";
import type { MoneyContext } from "./context.ts";
import { escrowAccounts, escrowBooks } from "./escrow-books.ts";
import type { EscrowAccounts } from "./escrow-books.ts";
import { escrowRoom } from "./escrow-room.ts";
import type { EscrowBlocked } from "@starai/protocol/escrow";
import type { EscrowRow } from "./escrow-room.ts";
import type { MoneyTransaction } from "./money-transaction.ts";

export interface EscrowPurse {
  readonly address: string;
  readonly accounts: EscrowAccounts;
  readonly room: bigint;
  readonly blocked: EscrowBlocked | null;
}

/** Null where the person has no escrow that vouchers were signed for. It may be outdated at once. */
export async function escrowPurseOf(ctx: MoneyContext, person: string): Promise<EscrowPurse | null> {
  const mine = and(eq(wallets.address, escrows.owner), eq(wallets.state, "bound"), eq(wallets.person, person));
  const [found] = await ctx.db
    .select({ row: escrows })
    .from(escrows)
    .innerJoin(wallets, mine)
    .orderBy(desc(escrows.storedAt))
    .limit(1);
  if (found === undefined) return null;
  const accounts = await escrowAccounts(ctx.ledger, found.row.address);
  const books = await escrowBooks(ctx.pg, accounts, found.row);
  return { address: found.row.address, accounts, ...escrowRoom(found.row, books, ctx.clock()) };
}

/** What it can pay now, for certain: nobody signs, opens a hold or agrees to a close before this transaction ends. */
export async function lockedRoom(
  ctx: MoneyContext,
  { client, tx }: MoneyTransaction,
  { address, accounts }: Pick<EscrowPurse, "address" | "accounts">,
): Promise<bigint> {
  const row = await lockEscrow(tx, address);
  return row === null ? 0n : escrowRoom(row, await escrowBooks(client, accounts, row), ctx.clock()).room;
}

/** Take this lock before those of bills and of the ledger. */
export async function lockEscrow(tx: Executor, address: string): Promise<EscrowRow | null> {
  const [row] = await tx.select().from(escrows).where(eq(escrows.address, address)).for("no key update");
  return row ?? null;
}
