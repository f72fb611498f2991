/** Which epoch runs, and since when. */
import { and, desc, eq, ne } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { chainHome, epochs } from "../db/schema.ts";

export type EpochRow = typeof epochs.$inferSelect;

export interface RunningEpoch {
  readonly number: number;
  /** By the chain's clock: when the one before was closed, or since this house is on a chain; null: it is on none. */
  readonly beganAt: Date | null;
  readonly last: EpochRow | null;
  /** The last that has leaves to bring to the chain: later ones are still closing, or everything that was earned waited. */
  readonly published: EpochRow | null;
}

export async function runningEpoch(tx: Pick<Executor, "select">): Promise<RunningEpoch> {
  const [last] = await tx.select().from(epochs).orderBy(desc(epochs.number)).limit(1);
  if (last !== undefined)
    return { number: last.number + 1, beganAt: last.closedAt, last, published: await lastPublished(tx) };
  const [home] = await tx.select({ pinnedAt: chainHome.pinnedAt }).from(chainHome);
  return { number: 1, beganAt: home?.pinnedAt ?? null, last: null, published: null };
}

async function lastPublished(tx: Pick<Executor, "select">): Promise<EpochRow | null> {
  const isOfChain = and(eq(epochs.forChain, true), ne(epochs.state, "closing"));
  const [row] = await tx.select().from(epochs).where(isOfChain).orderBy(desc(epochs.number)).limit(1);
  return row ?? null;
}
