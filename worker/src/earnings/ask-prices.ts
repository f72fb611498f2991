/** Asks the pool what it pays, how busy it is, and what machines lend to groups. */
import { PoolPrices } from "@starai/protocol/pool-prices";
import { askPool } from "../ask-pool.ts";
import type { WorkerConfig } from "../config.ts";
import { apiBaseOf } from "../pool-address.ts";

/** Text: why the pool does not say it. */
export async function askPrices({ poolUrl }: Pick<WorkerConfig, "poolUrl">): Promise<PoolPrices | string> {
  return await askPool(`${apiBaseOf(poolUrl)}/api/pool/prices`, PoolPrices).catch(
    (error: unknown) => (error as Error).message,
  );
}
