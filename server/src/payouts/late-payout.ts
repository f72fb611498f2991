/** When the first of somebody's withdrawals that wait for longer than usual can be expected. */
import type { ChainContext } from "../chain/context.ts";
import { expectedPayout } from "./hot/expected-payout.ts";
import type { PayoutRow } from "./open-payouts.ts";

/** A payout that is ready is paid within this. */
const USUAL_MS = 120_000;

/** null: none is late. @param rows  of one person */
export async function latePayout(
  ctx: ChainContext,
  rows: readonly PayoutRow[],
): Promise<{ id: string; expectedAt: Date | null } | null> {
  const before = ctx.clock() - USUAL_MS;
  const late = rows.filter(({ state, readyAt }) => state === "queued" && readyAt.getTime() < before);
  const [first] = late.toSorted((a, b) => a.readyAt.getTime() - b.readyAt.getTime());
  return first === undefined ? null : { id: first.id, expectedAt: await expectedPayout(ctx, first) };
}
