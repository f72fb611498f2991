/**
 * What was set aside for workers of failed answers, and not needed on the day it came from, is the house's. The oldest
 * money is lost first, so what is in the account above today's income is left from earlier days.
 */
import type { Pool } from "pg";
import { POSTINGS_SINCE_MIDNIGHT, midnightBefore } from "../ledger/since-midnight.ts";
import type { MoneyContext } from "./context.ts";
import { ledgerKey } from "./ledger-key.ts";

type Parts = Pick<MoneyContext, "clock" | "ledger" | "pg">;

/** Moves it to the fees: once a day and asset. Books that do not add up are left as they are. */
export async function settleLosses({ clock, ledger, pg }: Parts): Promise<void> {
  if (ledger.halted) return;
  const midnight = midnightBefore(clock());
  for (const asset of ["coin", "stars"] as const) {
    const loss = await ledger.openAccount({ asset, kind: "loss", owner: "house" });
    const amount = await leftFromBefore(pg, { loss, midnight });
    if (amount <= 0n) continue;
    const fees = await ledger.openAccount({ asset, kind: "fees", owner: "house" });
    const key = ledgerKey("loss_rest", midnight.toISOString(), asset);
    // A conflict: it was done today, with another amount. Refused: it was needed meanwhile. Tomorrow is another day.
    await ledger.do({ verb: "move", key, from: loss, to: fees, amount, kind: "loss_rest" });
  }
}

async function leftFromBefore(pg: Pool, { loss, midnight }: { loss: number; midnight: Date }): Promise<bigint> {
  const { rows } = await pg.query<{ rest: string }>(
    `select balance - held - coalesce(
       (select sum(amount) from ${POSTINGS_SINCE_MIDNIGHT} today where credit = $2), 0) as rest
     from ledger_accounts where id = $2`,
    [midnight, loss],
  );
  return BigInt(rows[0]!.rest);
}
