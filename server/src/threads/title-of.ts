/** A thread's first name: the first line of what it begins with. */
import { eq } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { threads } from "../db/schema.ts";
import type { ThreadRow } from "./own-thread.ts";

const TITLE_CHARS_MAX = 60;

function titleOf(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  const characters = Array.from(line);
  return characters.length <= TITLE_CHARS_MAX ? line : `${characters.slice(0, TITLE_CHARS_MAX - 1).join("")}…`;
}

/** Names a thread after its first question, also after that was edited; a name chosen by the person stays. */
export async function nameAfter(
  tx: Executor,
  thread: Pick<ThreadRow, "id" | "title" | "titledBy">,
  { text, parentId }: { text: string; parentId: string | null },
): Promise<void> {
  if (thread.title !== "" && (parentId !== null || thread.titledBy === "person")) return;
  await tx
    .update(threads)
    .set({ title: titleOf(text), titledBy: "question" })
    .where(eq(threads.id, thread.id));
}
