/** The model a caller named, and what is said where it is not there. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import { Refusal } from "../errors.ts";
import type { PoolContext } from "./context.ts";

/** @throws {Refusal} model_not_found, with those that are there */
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
