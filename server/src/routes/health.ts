/** GET /healthz: the process answers, and this is what of it is ready. */
import { Hono } from "hono";
import type { AppContext } from "../context.ts";

export function healthRoutes(ctx: AppContext) {
  return new Hono().get("/healthz", async (c) => {
    const database = await ctx.pg.query("select 1").then(
      () => true,
      () => false,
    );
    const pool = ctx.registry.status();
    const model = pool.models.some((m) => m.id === ctx.config.defaultModel && m.workers > 0);
    const ready = { database, worker: pool.workersOnline > 0, model };
    return c.json({ ok: database, ready, defaultModel: ctx.config.defaultModel }, database ? 200 : 503);
  });
}
