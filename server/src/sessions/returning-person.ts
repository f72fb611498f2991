/**
 * Free answers of people who deleted themselves: the count of the day waits for their return under a number that is
 * made of their Telegram account, so that nobody has the day's answers twice by coming back. It says nothing else.
 */
import { createHash } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Executor } from "../db/executor.ts";
import { freeAnswers } from "../db/schema.ts";

interface Counted {
  readonly person: string;
  readonly telegramId: number;
}

/** In the transaction that deletes the person. */
export function keepFreeAnswers(db: Executor, { person, telegramId }: Counted): Promise<void> {
  return moveCounts(db, { from: person, to: keptAs(telegramId) });
}

/** Once the person is here again, as somebody new. */
export function returnFreeAnswers(db: Executor, { person, telegramId }: Counted): Promise<void> {
  return moveCounts(db, { from: keptAs(telegramId), to: person });
}

function keptAs(telegramId: number): string {
  const bytes = createHash("sha256").update(`free answers of a deleted account\n${telegramId}`).digest("hex");
  return bytes.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Added to what is there already. */
async function moveCounts(db: Executor, { from, to }: { from: string; to: string }): Promise<void> {
  await db.execute(sql`
    with gone as (delete from ${freeAnswers} where person = ${from} returning day, used, allowed)
    insert into ${freeAnswers} as here (person, day, used, allowed) select ${to}::uuid, day, used, allowed from gone
    on conflict (person, day) do update set allowed = greatest(here.allowed, excluded.allowed),
      used = least(greatest(here.allowed, excluded.allowed), here.used + excluded.used)`);
}
