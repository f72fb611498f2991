/** A person's judgement of an answer, stored with its run for those who improve the agent. */
import { and, eq, ne } from "drizzle-orm";
import type { Feedback } from "@starai/protocol/runs";
import type { AppContext } from "../context.ts";
import { emitRun } from "../agent/emit-run.ts";
import { runs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** `null` removes the judgement. @throws Refusal `conflict` while the answer is still being written */
export async function judgeRun(
  ctx: AppContext,
  { person, thread, run, feedback }: { person: string; thread: string; run: string; feedback: Feedback | null },
): Promise<void> {
  const [judged] = await ctx.db
    .update(runs)
    .set({ feedback })
    .where(and(eq(runs.id, run), ne(runs.status, "running")))
    .returning({ id: runs.id });
  if (!judged) throw new Refusal("conflict", "This answer is still being written; judge it when it is done.");
  emitRun(ctx, person, { thread, run });
}
