/** Finds the model a caller named, or refuses with the models that are online. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { Refusal } from "../errors.ts";
import type { PoolContext } from "./context.ts";

/** @throws {Refusal} model_not_found; its message names the models online */
export function findModel(ctx: Pick<PoolContext, "catalogue" | "registry">, id: string): CatalogueModel {
  const model = ctx.catalogue.get(id);
  if (model !== undefined) return model;
  const message = `There is no model "${id}" here; ${onlineNow(ctx)}. GET /v1/models lists all.`;
  throw new Refusal("model_not_found", message, { param: "model" });
}

export function onlineNow(ctx: Pick<PoolContext, "registry">): string {
  const { models } = ctx.registry.status();
  return models.length === 0 ? "no worker is online now" : `online now: ${models.map(({ id }) => id).join(", ")}`;
}
