/** Emits to a person's open windows that a run of theirs began or ended. */
import type { AgentContext } from "./context.ts";

export function emitRun(
  ctx: Pick<AgentContext, "changes">,
  personId: string,
  { thread, run }: { thread: string; run: string },
): void {
  ctx.changes.emit(`person:${personId}`, { type: "run", thread, run });
}
