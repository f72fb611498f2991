/** GET /healthz: the state of this server's parts. 200 only while new work is accepted. */
import { Hono } from "hono";
import type { AppContext } from "../context.ts";

export function healthRoutes({ health, registry, config }: AppContext) {
  return new Hono().get("/healthz", (c) => {
    const { status, database, storage, message } = health;
    const pool = registry.status();
    const model = pool.models.some((m) => m.id === config.defaultModel && m.workers > 0);
    const ready = { database: database === "ok", worker: pool.workersOnline > 0, model };
    const ok = status === "ok";
    return c.json({ ok, status, database, storage, message, ready, defaultModel: config.defaultModel }, ok ? 200 : 503);
  });
}
