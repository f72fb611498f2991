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
  /** Whether it makes the answers' tokens: a group's head, or the only machine. */
  holdsOutput: boolean;
  /** Of each slot. */
  contextTokens: number;
  slots: number;
  kvType: "f16" | "q8_0";
  /** Most tokens that are read at once. */
  batchTokens: number;
}

export interface PartBytes {
  weights: number;
  kv: number;
  /** Room for what is computed between layers. */
  compute: number;
  total: number;
}

/** A slot's context is rounded up to this by llama.cpp. */
const CONTEXT_STEP = 256;
/** Bytes in the cache for one of f16: a q8_0 block is 32 values in 34 bytes, f16 takes 64. */
const KV_SHARE = { f16: 1, q8_0: 34 / 64 } as const;

/** By the average of the model's layers: single ones of a mixed quantisation are up to a tenth larger or smaller. */
export function partBytes(input: PartInput): PartBytes {
  const { shape, layers, holdsOutput } = input;
  const weights = Math.ceil((shape.layerBytes * layers) / shape.layers) + (holdsOutput ? shape.outputBytes : 0);
  const kv = kvBytes({ ...input, kvBytesPerToken: (input.kvBytesPerToken * layers) / shape.layers });
  const compute = computeBytes(input);
  return { weights, kv, compute, total: weights + kv + compute };
}

export function kvBytes({
  kvBytesPerToken,
  contextTokens,
  slots,
  kvType,
}: Pick<PartInput, "kvBytesPerToken" | "contextTokens" | "slots" | "kvType">): number {
  return Math.ceil(roundedUp(contextTokens) * slots * kvBytesPerToken * KV_SHARE[kvType]);
}

/** Fitted to what llama.cpp reports: twelve bytes for each token read at once and each value of two layer widths, and its mask. */
export function computeBytes({
  shape,
  contextTokens,
  batchTokens,
}: Pick<PartInput, "shape" | "contextTokens" | "batchTokens">): number {
  const { feedForwardLength, embeddingLength } = shape;
  return 12 * batchTokens * (feedForwardLength + embeddingLength) + 2 * batchTokens * roundedUp(contextTokens);
}

const roundedUp = (contextTokens: number) => Math.ceil(contextTokens / CONTEXT_STEP) * CONTEXT_STEP;
