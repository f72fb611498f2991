/** What the bot shall tell somebody, stored in the transaction that made it true. Wake the bot once that has committed. */
import { eq } from "drizzle-orm";
import type { NoticeParams } from "@starai/protocol/notices";
import type { Executor } from "../db/executor.ts";
import { notices, people } from "../db/schema.ts";

export interface NewNotice {
  /** Names what happened; the same event is told once, e.g. `payout <id> paid`. */
  readonly event: string;
  readonly person: string;
  readonly params: NoticeParams;
}

/** Does nothing for somebody who is gone. */
export async function storeNotice(
  tx: Pick<Executor, "select" | "insert">,
  { event, person, params }: NewNotice,
): Promise<void> {
  const [known] = await tx.select({ telegramId: people.telegramId }).from(people).where(eq(people.id, person));
  if (known === undefined) return;
  await tx
    .insert(notices)
    .values({ event, telegramId: known.telegramId, params })
    .onConflictDoNothing({ target: notices.event });
}
