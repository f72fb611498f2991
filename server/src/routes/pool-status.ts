/** Public status of the pool, now and over the last day, and the models a person may choose from. */
import { Hono } from "hono";
import type { PoolStatus } from "@starai/protocol/pool-status";
import { poolPrices } from "../account/pool-prices.ts";
import type { AppContext } from "../context.ts";
import { PoolPayBoard } from "../earnings/pool-pay.ts";
import { PoolHistory, poolNow } from "../pool/pool-history.ts";
import { requireBotOrSession } from "./require-session.ts";

export function poolStatusRoutes(ctx: AppContext) {
  const history = new PoolHistory(ctx);
  const pay = new PoolPayBoard(ctx);
  return new Hono()
    .get("/api/pool", async (c) => {
      const pool = await poolNow(ctx, history);
      return c.json(pool, 200);
    })
    .get("/api/pool/pay", async (c) => {
      const paid = await pay.now();
      return c.json(paid, 200);
    })
    .get("/api/pool/history", async (c) => {
      const day = await history.day();
      return c.json(day, 200);
    })
    .get("/api/pool/prices", async (c) => c.json(await poolPrices(ctx), 200))
    .get("/api/about", (c) => c.json({ bot: ctx.config.botUsername, code: ctx.config.codeUrl }, 200))
    .get("/api/models", requireBotOrSession(ctx), (c) =>
      c.json({ default: ctx.config.defaultModel, models: modelChoices(ctx, ctx.registry.status()) }, 200),
    );
}

/** The catalogue in its order, each model with its current availability in the pool. */
function modelChoices(ctx: AppContext, { models: online }: PoolStatus) {
  return [...ctx.catalogue.values()].map((model) => ({
    id: model.id,
    name: model.name,
    sha256: model.sha256,
    languages: model.languages,
    contextTokens: model.contextTokens,
    online: online.find((status) => status.id === model.id) ?? null,
  }));
}
