/** Whose wallet is whose. */
import { and, eq } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { wallets } from "../db/schema.ts";

export type WalletRow = typeof wallets.$inferSelect;

export async function boundWalletOf(db: Pick<Executor, "select">, person: string): Promise<WalletRow | null> {
  const [row] = await db
    .select()
    .from(wallets)
    .where(and(eq(wallets.person, person), eq(wallets.state, "bound")));
  return row ?? null;
}

/** @param address  raw */
export async function ownerOfWallet(db: Pick<Executor, "select">, address: string): Promise<string | null> {
  const [row] = await db
    .select({ person: wallets.person })
    .from(wallets)
    .where(and(eq(wallets.address, address), eq(wallets.state, "bound")));
  return row?.person ?? null;
}

/** Whether it took another one's place so lately that the other can come back. */
export function canBeCancelled({ replaces, payoutsFrom }: WalletRow, now: number): boolean {
  return replaces !== null && payoutsFrom.getTime() > now;
}
