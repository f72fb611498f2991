/** What the pool pays for work, for anybody who thinks of lending a machine. Dollars in millionths; they are worth coins at a rate. */
import { z } from "zod";
import { Nano } from "./receipts.ts";

export const PoolPrices = z.strictObject({
  /** The coin's ticker. */
  coin: z.string(),
  /** Null while there is no usable rate. */
  microUsdPerCoin: Nano.nullable(),
  /** What of a price does not go to the workers, in hundredths of a percent. */
  feeBasisPoints: z.int().min(0).max(10_000),
  /** List prices for a million tokens; a worker's ask is in percent of them. Models that are not sold are left out. */
  models: z.array(z.strictObject({ id: z.string(), prompt: Nano, cached: Nano, answer: Nano })).max(1_000),
});
export type PoolPrices = z.infer<typeof PoolPrices>;
