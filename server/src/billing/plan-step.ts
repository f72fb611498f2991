/** Whether the next step of an answer may be made with what is left of its hold. */
import { planStep as planWithin } from "../prices/quote.ts";
import type { StepPlan, StepSize } from "../prices/quote.ts";
import { assetOf } from "./bill.ts";
import type { Bill } from "./bill.ts";
import type { MoneyContext } from "./context.ts";

export async function planStep(ctx: Pick<MoneyContext, "pg">, bill: Bill, step: StepSize): Promise<StepPlan> {
  if (assetOf(bill) === null) return { kind: "fits", worst: 0n };
  const { rows } = await ctx.pg.query<{ rest: string }>(
    "select amount - used as rest from ledger_holds where id = $1 and closed_at is null",
    [bill.id],
  );
  return planWithin(bill.prices, { step, rest: BigInt(rows[0]?.rest ?? "0") });
}
