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

/** Groups in a status: more than the relay's tunnels are enough for. Those that are up come first. */
export const GROUPS_SHOWN_MAX = 50;

/** A model that several machines serve together, as anybody may see it. */
export const PoolGroup = z.strictObject({
  model: z.string(),
  /** What a person reads. */
  name: z.string(),
  isUp: z.boolean(),
  /** While it is not up: the share of its preparation that is done. */
  done: z.number().min(0).max(1),
  /** In the order of their layers; the head is first, and holds the output. */
  members: z.array(
    z.strictObject({
      name: z.string(),
      firstLayer: z.int().nonnegative(),
      layers: z.int().nonnegative(),
      /** Whether it prepares its part now: the group waits for it. */
      isPreparing: z.boolean(),
    }),
  ),
  /** As the pool measured it; null before its first answer. */
  decodeTokensPerS: z.number().nonnegative().nullable(),
  /** What makes it no faster: its machines, or the way between them; null while nobody can tell. */
  limitedBy: z.enum(["machines", "network"]).nullable(),
});
export type PoolGroup = z.infer<typeof PoolGroup>;

export const PoolStatus = z.strictObject({
  workersOnline: z.int().nonnegative(),
  /** Jobs waiting and jobs being worked on. */
  queued: z.int().nonnegative(),
  running: z.int().nonnegative(),
  /** Tokens delivered per second, over the last 10 s. */
  tokensPerS: z.number().nonnegative(),
  models: z.array(PoolModelStatus),
  /** An older pool has none. */
  groups: z.array(PoolGroup).max(GROUPS_SHOWN_MAX).default([]),
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
