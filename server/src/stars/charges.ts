/** The rows of payments and refunds: what was heard of, once for each charge and direction. */
import { and, eq } from "drizzle-orm";
import type { PoolClient } from "pg";
import type { Executor } from "../db/executor.ts";
import { starCharges } from "../db/schema.ts";
import { spendableOf } from "./plan-moves.ts";
import { readStanding } from "./star-books.ts";

export type ChargeRow = typeof starCharges.$inferSelect;

export async function findCharge(
  db: Pick<Executor, "select">,
  charge: string,
  direction: ChargeRow["direction"],
): Promise<ChargeRow | null> {
  const [row] = await db
    .select()
    .from(starCharges)
    .where(and(eq(starCharges.charge, charge), eq(starCharges.direction, direction)));
  return row ?? null;
}

/** What became of a payment or refund, and where its person stands. */
export interface Settled {
  /** False: it had been done before. */
  readonly fresh: boolean;
  /** Billionths of a Star, credited or taken back. */
  readonly credits: string;
  /** What can be spent now. */
  readonly balance: string;
  readonly debt: string;
}

export async function settled(
  client: PoolClient,
  { fresh, person, credits }: { fresh: boolean; person: string | null; credits: bigint },
): Promise<Settled> {
  const standing = await readStanding(client, person);
  const { owed } = standing;
  return {
    fresh,
    credits: String(credits),
    balance: String(spendableOf(standing)),
    debt: String(owed > 0n ? owed : 0n),
  };
}
