/** Stores each minute of the pool, and deletes those older than a day. */
import { lt, sql } from "drizzle-orm";
import type { PoolStatus } from "@starai/protocol/pool-status";
import type { PoolContext } from "./context.ts";
import { poolMinutes } from "../db/schema.ts";

const MINUTE_MS = 60_000;
const KEPT_MS = 24 * 60 * MINUTE_MS;

/** Records until stopped; stopping writes what the running minute has so far, which a restart adds to. */
export function recordMinutes(ctx: PoolContext): { stop(): Promise<void> } {
  const recorder = new MinuteRecorder(ctx);
  const tick = () =>
    recorder.record().catch((error: unknown) => {
      if (!ctx.health.noticed(error)) ctx.log.warn({ err: error }, "a minute of the pool was not written down");
    });
  const timer = setInterval(() => void tick(), MINUTE_MS);
  timer.unref();
  void tick();
  return {
    stop: async () => {
      clearInterval(timer);
      await tick();
    },
  };
}

export class MinuteRecorder {
  readonly #ctx: PoolContext;
  #written = { tokens: 0, answers: 0 };

  constructor(ctx: PoolContext) {
    this.#ctx = ctx;
  }

  async record(): Promise<void> {
    const { registry, db } = this.#ctx;
    const now = this.#ctx.clock();
    registry.loads.look(now, registry.modelUses());
    const status = registry.status();
    const served = { ...registry.served };
    const row = {
      minute: new Date(Math.floor(now / MINUTE_MS) * MINUTE_MS),
      workers: status.workersOnline,
      tokens: served.tokens - this.#written.tokens,
      answers: served.answers - this.#written.answers,
      queued: status.queued,
      load: loadOf(status),
    };
    await db
      .insert(poolMinutes)
      .values(row)
      .onConflictDoUpdate({
        target: poolMinutes.minute,
        set: {
          workers: row.workers,
          queued: row.queued,
          load: row.load,
          tokens: sql`${poolMinutes.tokens} + ${row.tokens}`,
          answers: sql`${poolMinutes.answers} + ${row.answers}`,
        },
      });
    this.#written = served;
    await db.delete(poolMinutes).where(lt(poolMinutes.minute, new Date(now - KEPT_MS)));
  }
}

/** Busy slots of all slots, 0 to 1; 0 without a machine. */
export function loadOf({ models }: PoolStatus): number {
  const slots = models.reduce((sum, model) => sum + model.slots, 0);
  const free = models.reduce((sum, model) => sum + model.freeSlots, 0);
  return slots === 0 ? 0 : (slots - free) / slots;
}
