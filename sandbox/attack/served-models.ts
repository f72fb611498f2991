/** Models that the machines here claim to serve. */
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import type { ServedModel } from "@starai/protocol/worker-frames";

/** The plumbing model at a medium speed; `over` replaces fields. */
export function served(over: Partial<ServedModel> = {}, id = PLUMBING_MODEL): ServedModel {
  const model = loadCatalogue().get(id);
  if (!model) throw new Error(`the catalogue has no model ${id}`);
  return {
    id,
    sha256: model.sha256,
    engine: "attack",
    contextTokens: model.contextTokens,
    kvType: "f16",
    constraint: "gbnf",
    tokenIds: true,
    slots: 8,
    prefillTokensPerS: 4_000,
    decodeTokensPerS: 400,
    ...over,
  };
}

/** Every model of the catalogue, with as many slots as a frame may claim. */
export function everything(): ServedModel[] {
  return [...loadCatalogue().keys()].map((id) => served({ slots: 256, decodeTokensPerS: 1e9 }, id));
}
