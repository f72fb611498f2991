/**
 * An operator's decision about a worker: banned, drained, or neither. A ban is `banned_at`; a drain is a pause without
 * an end, so that it needs no column of its own and survives restarts. The reason is kept beside the pause's.
 */
import { sql } from "drizzle-orm";
import { workers } from "../db/schema.ts";

/** How a drain is written. */
export const WITHOUT_END = sql`'infinity'::timestamptz`;

export const isDrained = sql<boolean>`coalesce(${workers.pausedUntil} = ${WITHOUT_END}, false)`;
