/**
 * The inbox of Telegram updates. The bot stores fetched updates before it confirms them to Telegram, and marks each
 * once its effect is complete; unmarked updates are handled again after a crash.
 */
import { and, asc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { AppContext } from "../context.ts";
import { updates } from "../db/schema.ts";

/** Telegram's limit per fetch. */
export const UPDATES_PER_CALL_MAX = 100;

/** A raw update; only its id is read here, the rest is parsed by its handler. */
export interface StoredUpdate {
  update_id: number;
  [field: string]: unknown;
}

/**
 * Stores updates, keeping the first copy of each id.
 * Returns the ids among them not handled yet: new ones, and those the bot sent again because a reply was lost.
 */
export async function storeUpdates(
  ctx: AppContext,
  input: { bot: number; updates: StoredUpdate[] },
): Promise<number[]> {
  if (input.updates.length === 0) return [];
  await ctx.db
    .insert(updates)
    .values(input.updates.map((body) => ({ bot: input.bot, updateId: body.update_id, body })))
    .onConflictDoNothing();
  const open = await ctx.db
    .select({ id: updates.updateId })
    .from(updates)
    .where(
      and(
        eq(updates.bot, input.bot),
        isNull(updates.handledAt),
        inArray(
          updates.updateId,
          input.updates.map((update) => update.update_id),
        ),
      ),
    );
  return open.map((row) => row.id);
}

/** The oldest updates whose effect is not complete, at most 100, later than `after`. */
export async function unhandledUpdates(
  ctx: AppContext,
  { bot, after }: { bot: number; after: number },
): Promise<StoredUpdate[]> {
  const rows = await ctx.db
    .select({ body: updates.body })
    .from(updates)
    .where(and(eq(updates.bot, bot), isNull(updates.handledAt), sql`${updates.updateId} > ${after}`))
    .orderBy(asc(updates.updateId))
    .limit(UPDATES_PER_CALL_MAX);
  return rows.map((row) => row.body as StoredUpdate);
}

/** Marks an update as done. Its content is forgotten at once: only the id is needed to recognise a repeat. */
export async function markHandled(
  ctx: AppContext,
  { bot, updateId }: { bot: number; updateId: number },
): Promise<void> {
  await ctx.db
    .update(updates)
    .set({ handledAt: sql`now()`, body: {} })
    .where(and(eq(updates.bot, bot), eq(updates.updateId, updateId), isNull(updates.handledAt)));
}
