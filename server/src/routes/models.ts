/** GET /v1/models: every model of the catalogue in the official shape, with its current availability in the pool. */
import { Hono } from "hono";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { AppContext } from "../context.ts";
import { findModel } from "../pool/find-model.ts";
import { requireApiKey } from "./api-key.ts";
import { onlyMethod } from "./only-method.ts";

export function modelRoutes(ctx: AppContext) {
  const key = requireApiKey(ctx);
  return new Hono()
    .get("/v1/models", key, (c) => c.json({ object: "list", data: listModels(ctx) }))
    .get("/v1/models/:id", key, (c) => c.json(describe(ctx, findModel(ctx, c.req.param("id")))))
    .all("/v1/models", onlyMethod("GET"))
    .all("/v1/models/:id", onlyMethod("GET"));
}

/** Sorts models served by a worker first. */
function listModels(ctx: AppContext) {
  const models = [...ctx.catalogue.values()].map((model) => describe(ctx, model));
  return [...models.filter((model) => model.starai.online), ...models.filter((model) => !model.starai.online)];
}

function describe(ctx: AppContext, model: CatalogueModel) {
  const status = ctx.registry.statusOf(model.id);
  return {
    id: model.id,
    object: "model" as const,
    /** The catalogue has no creation dates, but the official shape requires a number. */
    created: 0,
    owned_by: "starai",
    starai: {
      name: model.name,
      online: status !== undefined && status.workers > 0,
      workers: status?.workers ?? 0,
      freeSlots: status?.freeSlots ?? 0,
      contextTokens: ctx.registry.contextOf(model),
      decodeTokensPerS: status?.decodeTokensPerS ?? null,
      sha256: model.sha256,
      licence: model.licence,
      languages: model.languages,
    },
  };
}
