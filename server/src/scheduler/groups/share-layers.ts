/** How a model's layers are divided among the machines of a group, and how many of them a machine can hold. Pure. */
import type { CatalogueModel, ModelShape } from "@starai/protocol/catalogue";
import { partBytes } from "@starai/protocol/model-memory";

/** What a group serves at once: each slot has this context. */
export interface Room {
  readonly contextTokens: number;
  readonly slots: number;
}

/** A model that can be split, since its shape is known. */
export type SplitModel = CatalogueModel & { readonly shape: ModelShape };

/** A machine with the memory that it offers, and whether it makes the answers' tokens. */
interface Holder {
  readonly memoryBytes: number;
  readonly holdsOutput: boolean;
}

/** The other type is faster on no machine, and some CPUs cannot run it over RPC. */
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

/**
 * Layers for each machine, in proportion to what it can hold: at least one, and never more than fit.
 * @param most  what each can hold, at least 1; together at least `layers`, of which there are as many as machines
 */
export function shareLayers(layers: number, most: readonly number[]): number[] {
  const toShare = layers - most.length;
  const room = most.map((count) => count - 1);
  const all = room.reduce((sum, count) => sum + count, 0);
  const exact = room.map((count) => (all === 0 ? 0 : (toShare * count) / all));
  const shares = exact.map((share) => Math.floor(share));
  let left = toShare - shares.reduce((sum, share) => sum + share, 0);
  // The largest remainders first; where one is above zero there is room for a whole layer.
  const byRemainder = exact.map((share, place) => ({ place, rest: share - Math.floor(share) }));
  byRemainder.sort((one, other) => other.rest - one.rest || one.place - other.place);
  for (const { place } of byRemainder) {
    if (left === 0) break;
    shares[place]!++;
    left--;
  }
  return shares.map((share) => share + 1);
}
