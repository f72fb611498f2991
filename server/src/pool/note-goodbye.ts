/** A machine ended its connection itself: it rests by its owner's limits or was stopped by hand, and nobody waits for it. */
import { eq } from "drizzle-orm";
import type { Base } from "../base.ts";
import { workers } from "../db/schema.ts";

type Parts = Pick<Base, "clock" | "db" | "health" | "log">;

/** Kept in its record, so that a restart of the server does not take it for a machine that is lost; resolves when it is. */
export async function noteGoodbye({ clock, db, health, log }: Parts, worker: string): Promise<void> {
  const saidGoodbyeAt = new Date(clock());
  await db
    .update(workers)
    .set({ saidGoodbyeAt })
    .where(eq(workers.id, worker))
    .catch((error: unknown) => {
      if (!health.noticed(error)) log.warn({ err: error, worker }, "a machine's goodbye was not kept");
    });
}
