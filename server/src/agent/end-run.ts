/** The last write of a run, retried while the database is away; an end no row can hold becomes an `internal` failure. */
import { closeBillAlone } from "../billing/close-bill.ts";
import type { MoneyContext } from "../billing/context.ts";
import { insist, mayHeal } from "../db/insist.ts";
import { endOfRun } from "../prices/who-pays.ts";
import { finishRun } from "./run-store.ts";
import type { RunEnd, RunOwner, StoredRun } from "./run-store.ts";
import { failure } from "./work-run.ts";

export interface Ended {
  /** The end as stored. */
  end: RunEnd;
  /** null when the run had already ended or was deleted. */
  owner: RunOwner | null;
}

/** @throws when this server stops before the end is written: the row stays `running`, and the next start resumes it */
export async function endRun(
  ctx: MoneyContext,
  { snapshot: { id }, bill, language }: StoredRun,
  { end, signal }: { end: RunEnd; signal: AbortSignal },
): Promise<Ended> {
  const write = async (end: RunEnd) => {
    const owner = await insist(() => finishRun(ctx, id, end), { ctx, what: "a run's end", signal });
    // Its conversation was deleted meanwhile: what it cost until then is settled all the same.
    if (owner === null) await closeBillAlone(ctx, { bill, end: endOfRun(end.outcome, end.answer) });
    return { end, owner };
  };
  try {
    return await write(end);
  } catch (error) {
    if (mayHeal(error)) throw error;
    ctx.log.error({ err: error, run: id }, "a run's end cannot be stored; it ends as failed");
    return await write({ outcome: failure("internal", language), answer: "", lastStep: null });
  }
}
