/** What machines here claim to serve. */
import { loadCatalogue, PLUMBING_MODEL } from "@starai/protocol/catalogue";
import type { ServedModel } from "@starai/protocol/worker-frames";

/** The plumbing model, on a machine that is neither fast nor slow unless `over` says so. */
export function served(over: Partial<ServedModel> = {}, id = PLUMBING_MODEL): ServedModel {
  const model = loadCatalogue().get(id);
  if (!model) throw new Error(`the catalogue has no ${id}`);
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

/** Every model there is, with all the slots a frame may claim. */
export function everything(): ServedModel[] {
  return [...loadCatalogue().keys()].map((id) => served({ slots: 256, decodeTokensPerS: 1e9 }, id));
}
