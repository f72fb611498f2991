/** What the chain shows of a slash that the operator stored: it appears as a dispute, and ends with it. */
import { and, desc, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { slashProposals } from "../db/schema.ts";

/** Of an account at one look; nano units. */
interface Looked {
  readonly stake: bigint;
  readonly unbonding: bigint;
  readonly disputed: bigint;
}

interface Looks {
  readonly wallet: string;
  /** At the look before. */
  readonly before: Looked | null;
  /** Null: nothing is deployed. */
  readonly after: Looked | null;
  readonly at: Date;
}

const { id, wallet: ofWallet, amount, state, createdAt, shownAt } = slashProposals;

export async function followSlash(db: Executor, { wallet, before, after, at }: Looks): Promise<void> {
  const open = and(eq(ofWallet, wallet), eq(state, "proposed"), isNotNull(shownAt));
  const disputed = after?.disputed ?? 0n;
  if (disputed > 0n) return show(db, { wallet, disputed, at });
  const fell = totalOf(before) - totalOf(after);
  for (const slash of await db.select({ id, amount }).from(slashProposals).where(open))
    await db
      .update(slashProposals)
      .set({ state: fell >= slash.amount ? "executed" : "cancelled", endedAt: at })
      .where(eq(id, slash.id));
}

/** An account has one dispute at a time: while one is known, no other appeared. */
async function show(
  db: Executor,
  { wallet, disputed, at }: { wallet: string; disputed: bigint; at: Date },
): Promise<void> {
  const proposed = and(eq(ofWallet, wallet), eq(state, "proposed"));
  if ((await db.$count(slashProposals, and(proposed, isNotNull(shownAt)))) > 0) return;
  const newest = db
    .select({ id })
    .from(slashProposals)
    .where(and(proposed, isNull(shownAt), eq(amount, disputed)))
    .orderBy(desc(createdAt))
    .limit(1);
  await db.update(slashProposals).set({ shownAt: at }).where(inArray(id, newest));
}

const totalOf = (looked: Looked | null): bigint => (looked === null ? 0n : looked.stake + looked.unbonding);
