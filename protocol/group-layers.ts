/** How many of a model's layers a machine of a group can hold, and with which machines that is all of them. Pure. */
import { GROUP_NODES_MAX } from "./split.ts";
import type { CatalogueModel, ModelShape } from "./catalogue.ts";
import { partBytes } from "./model-memory.ts";

/** What a group serves at once: each slot has this context. */
export interface Room {
  readonly contextTokens: number;
  readonly slots: number;
}

/** A model that can be split, since its shape is known. */
export type SplitModel = CatalogueModel & { readonly shape: ModelShape };

export function isSplit(model: CatalogueModel | undefined): model is SplitModel {
  return model?.shape !== undefined;
}

/** A machine with the memory that it offers, and whether it makes the answers' tokens. */
interface Holder {
  readonly memoryBytes: number;
  readonly holdsOutput: boolean;
}

/** The other type is faster on no machine, and some processors cannot run it over RPC. */
export const GROUP_KV_TYPE = "f16";
/** As llama.cpp reads prompts by default: a head that reads fewer tokens at once needs less. */
const BATCH_TOKENS = 512;
/** The prediction is within 5 % of what the engine takes. */
const FORESEEN = 0.95;

/** Most layers that fit into its memory; -1 where not even the output does. */
export function layersThatFit(model: SplitModel, { memoryBytes, holdsOutput }: Holder, room: Room): number {
  const fits = (layers: number) => bytesOf(model, { layers, holdsOutput }, room) <= memoryBytes * FORESEEN;
  let [most, tooMany] = [-1, model.shape.layers + 1];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

/** Bytes of such a part of the model. */
export function bytesOf(
  { shape, kvBytesPerToken }: SplitModel,
  part: { layers: number; holdsOutput: boolean },
  room: Room,
): number {
  const engine = { kvType: GROUP_KV_TYPE, batchTokens: BATCH_TOKENS } as const;
  return partBytes({ shape, kvBytesPerToken, ...part, ...room, ...engine }).total;
}

/** How many of the others, taken in their order, hold the model together with this head; null: not even three. */
export function nodesNeeded(
  model: SplitModel,
  { headBytes, othersBytes }: { headBytes: number; othersBytes: readonly number[] },
  room: Room,
): number | null {
  let layers = layersThatFit(model, { memoryBytes: headBytes, holdsOutput: true }, room);
  if (layers < 1) return null;
  for (const [at, memoryBytes] of othersBytes.slice(0, GROUP_NODES_MAX).entries()) {
    layers += Math.max(0, layersThatFit(model, { memoryBytes, holdsOutput: false }, room));
    if (layers >= model.shape.layers) return at + 1;
  }
  return null;
}
