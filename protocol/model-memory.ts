/**
 * The memory that a model takes, or a part of one: predicted from its shape before anything is loaded. Pure.
 * All of it is taken when the model is loaded, the cache of every slot included: no job can run out of it later.
 */
import type { ModelShape } from "./catalogue.ts";

export interface PartInput {
  shape: ModelShape;
  /** Of all layers, at f16. */
  kvBytesPerToken: number;
  /** Layers of this part. */
  layers: number;
  /** Whether it reads questions in and makes the answers' tokens: a group's head, or the only machine. */
  holdsOutput: boolean;
  /** Of each slot. */
  contextTokens: number;
  slots: number;
  kvType: "f16" | "q8_0";
  /** Most tokens that are read at once. */
  batchTokens: number;
  /** For how many tokens at once the engine reserves the next one's likelihoods; by default one a slot. */
  outputTokens?: number;
}

export interface PartBytes {
  weights: number;
  kv: number;
  /** Room for what is computed between two layers. */
  compute: number;
  total: number;
}

/** llama.cpp rounds a slot's context up to this. */
const CONTEXT_STEP = 256;
/** Bytes in the cache for one at f16: a q8_0 block is 32 values in 34 bytes, at f16 64. */
const KV_SHARE = { f16: 1, q8_0: 34 / 64 } as const;
const F32_BYTES = 4;
const F16_BYTES = 2;

/** By the average of the model's layers: single ones of a mixed quantisation are up to a tenth larger or smaller. */
export function partBytes(input: PartInput): PartBytes {
  const { shape, layers, holdsOutput } = input;
  const ends = holdsOutput ? shape.outputBytes + (shape.embeddingBytes ?? 0) : 0;
  const weights = Math.ceil((shape.layerBytes * layers) / shape.layers) + ends;
  const kv = kvBytes({ ...input, kvBytesPerToken: (input.kvBytesPerToken * layers) / shape.layers });
  const compute = computeBytes(input);
  return { weights, kv, compute, total: weights + kv + compute };
}

/** The cache of all slots. */
export function kvBytes({
  kvBytesPerToken,
  contextTokens,
  slots,
  kvType,
}: Pick<PartInput, "kvBytesPerToken" | "contextTokens" | "slots" | "kvType">): number {
  return Math.ceil(roundedUp(contextTokens) * slots * kvBytesPerToken * KV_SHARE[kvType]);
}

/**
 * What llama.cpp reserves, which is the most that any of its steps needs: a layer's, where three values of its inner and
 * of its outer width are alive for each token; or the end, where a likelihood of each word is. Formulas found by
 * measuring: exact to a hundredth for a Qwen2, 4 % off at worst for a Llama.
 */
function computeBytes(input: PartInput): number {
  const { shape, layers, holdsOutput, contextTokens, batchTokens, outputTokens = input.slots } = input;
  const { feedForwardLength: inner, embeddingLength: outer, vocabularyTokens: words = 0 } = shape;
  const mask = F16_BYTES * batchTokens * roundedUp(contextTokens);
  const question = holdsOutput ? F32_BYTES * batchTokens * outer : 0;
  const layer = layers > 0 ? 3 * F32_BYTES * batchTokens * (inner + outer) : F32_BYTES * batchTokens * outer;
  const end = holdsOutput ? F32_BYTES * outputTokens * (words + 2 * outer) : 0;
  return Math.max(mask + question + layer, end);
}

const roundedUp = (contextTokens: number) => Math.ceil(contextTokens / CONTEXT_STEP) * CONTEXT_STEP;
