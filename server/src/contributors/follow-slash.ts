/** What the chain shows of slashes that the operator stored: they appear as a dispute, and end. */
import { and, desc, eq, isNull } from "drizzle-orm";
import type { Address } from "@ton/core";
import type { TonClient } from "@ton/ton";
import type { AccountData } from "@starai/contracts/ContributorAccount";
import type { Executor } from "../db/executor.ts";
import { slashProposals } from "../db/schema.ts";
import { outcomeInHistory, outcomeInState, reasonOf } from "./slash-outcome.ts";
import type { SlashOutcome } from "./slash-outcome.ts";

/** Of one wallet: an account has one dispute at a time, and few in a year. */
const SLASHES_MAX = 50;

const { id, wallet: ofWallet, evidence, state, createdAt, shownAt } = slashProposals;

interface OpenSlash {
  readonly id: string;
  readonly evidence: string;
  /** When the chain first showed it; null: it did not yet. */
  readonly shownAt: Date | null;
}

/** Those that are not over, the newest first. */
export function openSlashes(db: Executor, wallet: string): Promise<OpenSlash[]> {
  return db
    .select({ id, evidence, shownAt })
    .from(slashProposals)
    .where(and(eq(ofWallet, wallet), eq(state, "proposed")))
    .orderBy(desc(createdAt))
    .limit(SLASHES_MAX);
}

interface SeenSlash {
  readonly id: string;
  readonly outcome: SlashOutcome | "open";
}

/** Those of them that the chain shows. @param data  null: the account is not there */
export async function lookAtSlashes(
  client: TonClient,
  open: readonly OpenSlash[],
  { account, data }: { account: Address; data: AccountData | null },
): Promise<SeenSlash[]> {
  const seen: SeenSlash[] = [];
  for (const slash of open) {
    const reason = reasonOf(slash.evidence);
    const now = outcomeInState(data, reason);
    // One that never was on the chain is looked for in the account's state alone.
    const isOver = now === "unknown" && slash.shownAt !== null;
    // The stake is seen also where the endpoint has no such history: it is asked for again at the next look.
    const outcome = isOver ? await outcomeInHistory(client, account, reason).catch(() => now) : now;
    if (outcome !== "unknown") seen.push({ id: slash.id, outcome });
  }
  return seen;
}

/** What ended stays ended, whatever an endpoint says that is behind. */
export async function followSlashes(db: Executor, seen: readonly SeenSlash[], at: Date): Promise<void> {
  for (const { id: one, outcome } of seen) {
    const proposed = and(eq(id, one), eq(state, "proposed"));
    await db
      .update(slashProposals)
      .set({ shownAt: at })
      .where(and(proposed, isNull(shownAt)));
    if (outcome !== "open") await db.update(slashProposals).set({ state: outcome, endedAt: at }).where(proposed);
  }
}
