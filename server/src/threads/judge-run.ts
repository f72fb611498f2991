/** What a person thought of an answer: kept with its run, for whoever makes the agent better. */
import { and, eq, ne } from "drizzle-orm";
import type { Feedback } from "@starai/protocol/runs";
import type { AppContext } from "../context.ts";
import { tellRun } from "../agent/tell-run.ts";
import { runs } from "../db/schema.ts";
import { Refusal } from "../errors.ts";

/** `null` takes it back. @throws Refusal `conflict` while the answer is still written */
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
  tellRun(ctx, person, { thread, run });
}
