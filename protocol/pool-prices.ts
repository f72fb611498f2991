/** What the pool pays for work and how much of it there is, for anybody who thinks of lending a machine. Dollars in millionths; they are worth coins at a rate. */
import { z } from "zod";
import { Nano } from "./receipts.ts";
import { GROUP_NODES_MAX } from "./split.ts";
import { Sha256 } from "./worker-key.ts";

/** How a model was used over the last day, as far as the pool has watched. Means; paid and free work alike. */
const ModelLoad = z.object({
  /** Minutes watched, a day's at most. */
  looks: z.int().positive().max(100_000),
  /** Jobs that its machines can run at once. */
  slots: z.number().nonnegative().max(1_000_000_000),
  /** Share of these slots that was at work. */
  busy: z.number().min(0).max(1),
  /** Jobs that waited for a machine. */
  waiting: z.number().nonnegative().max(1_000_000_000),
});
export type ModelLoad = z.infer<typeof ModelLoad>;

/** Builds of llama.cpp that the pool tells of; most machines have one of very few. */
export const LENT_BUILDS_MAX = 16;

/** What machines lend to heads of other people and no group uses now: of each build the most that one group can take. */
const Lent = z.object({
  /** Of llama.cpp: machines of a group carry the same. */
  build: Sha256,
  /** Of each machine, the largest first. */
  memoryBytes: z.array(z.int().nonnegative()).min(1).max(GROUP_NODES_MAX),
});
export type Lent = z.infer<typeof Lent>;

/** What is unknown in it is left out, so that a worker reads the prices of a newer pool too. */
export const PoolPrices = z.object({
  /** The coin's ticker. */
  coin: z.string(),
  /** Null while there is no usable rate. */
  microUsdPerCoin: Nano.nullable(),
  /** What of a price does not go to the workers, in hundredths of a percent. */
  feeBasisPoints: z.int().min(0).max(10_000),
  /** List prices for a million tokens; a worker's ask is in percent of them. Models that are not sold are left out. */
  models: z
    .array(
      z.object({
        id: z.string(),
        prompt: Nano,
        cached: Nano,
        answer: Nano,
        /** Null before the pool's first look; a pool of an older version does not say it. */
        load: ModelLoad.nullable().default(null),
      }),
    )
    .max(1_000),
  /** Whose machines these are is not said; nor does a pool of an older version say it. */
  lent: z.array(Lent).max(LENT_BUILDS_MAX).default([]),
});
export type PoolPrices = z.infer<typeof PoolPrices>;
