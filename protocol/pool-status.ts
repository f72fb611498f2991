/** What anybody may know about the pool: no worker's identity, no prompt. */
import { z } from "zod";
import type { Device } from "./worker-frames.ts";

export const PoolModelStatus = z.strictObject({
  id: z.string(),
  name: z.string(),
  workers: z.int().nonnegative(),
  /** Jobs it can run at once over all workers, and how many of those are free now. */
  slots: z.int().nonnegative(),
  freeSlots: z.int().nonnegative(),
  /** The longest prompt and answer together that some worker takes. */
  contextTokens: z.int().nonnegative(),
  /** The median of what the pool measured on its workers, whatever they claim; null before the first answer. */
  prefillTokensPerS: z.number().nonnegative().nullable(),
  decodeTokensPerS: z.number().nonnegative().nullable(),
  /** Whether some worker can constrain its output to a form. */
  constrains: z.boolean(),
});
export type PoolModelStatus = z.infer<typeof PoolModelStatus>;

export const PoolStatus = z.strictObject({
  workersOnline: z.int().nonnegative(),
  /** Jobs waiting and jobs being worked on. */
  queued: z.int().nonnegative(),
  running: z.int().nonnegative(),
  /** Tokens delivered per second, over the last 10 s. */
  tokensPerS: z.number().nonnegative(),
  models: z.array(PoolModelStatus),
});
export type PoolStatus = z.infer<typeof PoolStatus>;

/** What the pool page shows first. */
export interface PoolNow extends PoolStatus {
  /** Busy slots of all slots, 0 to 1; 0 without a machine. */
  load: number;
  /** Answers given in the last 24 hours. */
  answersToday: number;
}

/** Prices and pay in nano units of the coin. */
export interface PoolPay {
  coin: string;
  /** Of the machines that are here now. */
  classes: {
    kind: Device["kind"];
    /** Of the product, e.g. "RTX 4090"; null where only the kind is known. */
    name: string | null;
    machines: number;
    /** Paid to one of them in an hour of the last day; null while there is too little to tell. */
    paidPerHour: string | null;
  }[];
  /** A usual answer of each model that is served; null without a price. */
  prices: { model: string; answer: string | null }[];
}
