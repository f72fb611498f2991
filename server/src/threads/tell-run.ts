/** Tells a person's open windows that a run of theirs began or ended. */
import type { Change } from "@starai/protocol/changes";
import type { AppContext } from "../context.ts";

export function tellRun(
  ctx: Pick<AppContext, "changes">,
  personId: string,
  { thread, run }: { thread: string; run: string },
): void {
  ctx.changes.tell<Change>(`person:${personId}`, { type: "run", thread, run });
}
