/** When a queued payout can be expected: those before it go first, and the house pays so much a day, as the vault gives. */
import { and, eq, isNull, lt, or, sum } from "drizzle-orm";
import type { ChainContext } from "../../chain/context.ts";
import { payouts } from "../../db/schema.ts";
import type { PayoutRow } from "../open-payouts.ts";
import { houseDayOf, leftOfHouseDay } from "./house-day.ts";
import { expectedAt } from "./plan-draw.ts";

/** null: nothing is missing for it, or nobody knows because the vault's keepers stopped the hot wallet. */
export async function expectedPayout(
  { clock, db, ton }: Pick<ChainContext, "clock" | "db" | "ton">,
  { id, readyAt }: Pick<PayoutRow, "id" | "readyAt">,
): Promise<Date | null> {
  const before = or(lt(payouts.readyAt, readyAt), and(eq(payouts.readyAt, readyAt), lt(payouts.id, id)));
  const [ahead] = await db
    .select({ total: sum(payouts.amount) })
    .from(payouts)
    .where(and(eq(payouts.state, "queued"), isNull(payouts.endedAt), or(before, eq(payouts.id, id))));
  const upTo = BigInt(ahead?.total ?? 0);
  const nowMs = ton.get().nowS() * 1_000;
  const day = houseDayOf({ upTo, left: await leftOfHouseDay(db, nowMs), nowMs });
  if (ton.shortage === null) return day;
  const drawn = expectedAt({ upTo, nowMs: clock() }, ton.shortage);
  return drawn !== null && day !== null && day > drawn ? day : drawn;
}
