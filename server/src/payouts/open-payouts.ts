/** Withdrawals that have not ended. */
import { and, eq, isNull } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { payouts } from "../db/schema.ts";

export type PayoutRow = typeof payouts.$inferSelect;

export function openPayoutsOf(db: Pick<Executor, "select">, person: string): Promise<PayoutRow[]> {
  return db
    .select()
    .from(payouts)
    .where(and(eq(payouts.person, person), isNull(payouts.endedAt)));
}
