/** For tests of money: the coin's rate as it would be stored. */
import { rates } from "../db/schema.ts";
import type { Executor } from "../db/executor.ts";

interface StoredRate {
  readonly microUsdPerCoin?: bigint;
  readonly at?: Date;
  readonly stopped?: "jump" | "gap";
}

/** A usable rate of now, where nothing else is said. Returns its id. */
export async function storeRate(
  db: Executor,
  { microUsdPerCoin = 1_700_000n, at = new Date(), stopped }: StoredRate = {},
): Promise<string> {
  const sources = ["sandbox:a", "sandbox:b"];
  const [row] = await db
    .insert(rates)
    .values({ microUsdPerCoin, at, sources, stopped: stopped ?? null })
    .returning({ id: rates.id });
  return String(row!.id);
}
