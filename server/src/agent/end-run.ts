/** The last write of a run, retried while the database is away; an end no row can hold becomes an `internal` failure. */
import type { Base } from "../base.ts";
import { insist, mayHeal } from "../db/insist.ts";
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
  ctx: Pick<Base, "db" | "log" | "health">,
  { snapshot: { id }, language }: StoredRun,
  { end, signal }: { end: RunEnd; signal: AbortSignal },
): Promise<Ended> {
  const write = async (end: RunEnd) => {
    const owner = await insist(() => finishRun(ctx, id, end), { ctx, what: "a run's end", signal });
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
