/** What the bot has still to say. It may ask at any time and as often as it likes: nothing is lost while it is away. */
import { asc, eq, isNull, sql } from "drizzle-orm";
import { NOTICES_MAX } from "@starai/protocol/notices";
import type { NoticeParams } from "@starai/protocol/notices";
import type { Base } from "../base.ts";
import { notices, people } from "../db/schema.ts";

export interface UntoldNotice {
  readonly id: string;
  readonly telegramId: number;
  readonly language: string;
  readonly params: NoticeParams;
}

/** The oldest first; the bot asks again when it is done with these. */
export function untoldNotices({ db }: Pick<Base, "db">): Promise<UntoldNotice[]> {
  return (
    db
      .select({
        id: notices.id,
        telegramId: notices.telegramId,
        language: sql<string>`coalesce(${people.chosenLanguage}, ${people.language})`,
        params: notices.params,
      })
      .from(notices)
      .innerJoin(people, eq(people.telegramId, notices.telegramId))
      .where(isNull(notices.toldAt))
      // A changed wallet can be changed back for a time only: its message waits behind nobody's.
      .orderBy(sql`${notices.params}->>'kind' <> 'wallet_bound'`, asc(notices.createdAt), asc(notices.id))
      .limit(NOTICES_MAX)
  );
}

/** Said, or given up. Repeated it has no effect. */
export async function noticeTold({ db, clock }: Pick<Base, "db" | "clock">, id: string): Promise<void> {
  await db
    .update(notices)
    .set({ toldAt: new Date(clock()) })
    .where(sql`${notices.id} = ${id} and ${notices.toldAt} is null`);
}
