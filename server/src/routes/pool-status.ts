/** What the pool can do now: for anybody, and as the list of models a person may choose from. */
import { Hono } from "hono";
import type { PoolStatus } from "@starai/protocol/pool-status";
import type { AppContext } from "../context.ts";
import { requireBotKey } from "./bot-key.ts";

export function poolStatusRoutes(ctx: AppContext) {
  return new Hono()
    .get("/api/pool", (c) => c.json(ctx.registry.status(), 200))
    .get("/api/models", requireBotKey(ctx), (c) =>
      c.json({ default: ctx.config.defaultModel, models: modelChoices(ctx, ctx.registry.status()) }, 200),
    );
}

/** The catalogue in its order, each model with what the pool offers of it now. */
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
