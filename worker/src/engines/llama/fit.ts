/** How much context a model gets on this machine: pure arithmetic over measured memory. */
import type { CatalogueModel, ModelShape } from "@starai/protocol/catalogue";
import { kvBytes, partBytes } from "@starai/protocol/model-memory";
import type { EngineName } from "../../config.ts";
import type { KvType } from "./child-messages.ts";

/** What is known of a model before it is loaded. */
export interface ModelNeeds {
  /** Size of the model file: weights are mapped, and used pages stay in memory. */
  weightsBytes: number;
  /** How its weights lie; absent where that is not known. */
  shape?: ModelShape;
  /** KV bytes for one token of context at f16. */
  kvBytesPerToken: number;
  /** Context length the model was trained for. */
  contextTokensMax: number;
  /** Cache types that it may have, the better first. */
  kvTypes: readonly KvType[];
}

export interface FitInput extends ModelNeeds {
  /** Free memory now, in bytes. */
  freeBytes: number;
  /** Concurrent jobs wanted if memory allows. */
  slotsWanted: number;
  /** By default the built-in one. */
  engine?: EngineName;
}

export type Fit =
  | { kind: "fits"; contextTokens: number; slots: number; kvType: KvType; needBytes: number }
  | { kind: "too-big"; needBytes: number };

type SetUp = Pick<Extract<Fit, { kind: "fits" }>, "contextTokens" | "slots" | "kvType">;

/** Most tokens that an engine evaluates at once; llama.cpp's own default. */
export const BATCH_TOKENS = 512;
/** Enough context for a conversation with its tools and examples; more memory is better spent elsewhere. */
const CONTEXT_TARGET = 8_192;
/** Below this an agent's own instructions do not fit. */
const CONTEXT_MIN = 2_048;
/** The engine's process beside the model: runtime and vocabulary (measured 0.05–0.21 GB). */
const PROCESS_BYTES = 256 * 1024 ** 2;
/** For a model of unknown shape: what is computed between layers, in part of the weights and as a sum. */
const COMPUTE_UNKNOWN = { share: 0.1, bytes: 150 * 1024 ** 2 };

/** What the catalogue, or a file's own header, says of it. */
export function needsOf(model: CatalogueModel): ModelNeeds {
  const { bytes: weightsBytes, shape, kvBytesPerToken, contextTokens: contextTokensMax, kvTypes = ["f16"] } = model;
  return { weightsBytes, kvBytesPerToken, contextTokensMax, kvTypes, ...(shape ? { shape } : {}) };
}

/**
 * The most useful set-up that fits: full context before slots, f16 before q8_0 (it changes nothing in the output).
 * If not even the smallest fits, returns what is missing.
 */
export function fit(input: FitInput): Fit {
  const target = Math.min(CONTEXT_TARGET, input.contextTokensMax);
  const smallest = Math.min(CONTEXT_MIN, target);
  let needBytes = Number.POSITIVE_INFINITY;
  for (let contextTokens = target; contextTokens >= smallest; contextTokens = Math.floor(contextTokens / 2)) {
    for (let slots = Math.max(1, input.slotsWanted); slots >= 1; slots = Math.floor(slots / 2)) {
      for (const kvType of input.kvTypes) {
        needBytes = neededBytes(input, { contextTokens, slots, kvType });
        if (needBytes <= input.freeBytes) return { kind: "fits", contextTokens, slots, kvType, needBytes };
      }
    }
  }
  return { kind: "too-big", needBytes };
}

/**
 * Memory a set-up takes, in bytes. The cache of all slots is in it, each with its whole context: the engine reserves it
 * when it loads the model, so no job that a slot takes can run out of memory later.
 *
 * On a processor, 0.6 of the weights are copied into another order (measured on q4_k_m); the mapped originals of those stay
 * in the process's size, but the kernel takes them back when memory is short. So the weights count once.
 */
export function neededBytes(input: ModelNeeds & Pick<FitInput, "engine">, setUp: SetUp): number {
  const { shape, weightsBytes, engine = "built-in" } = input;
  if (!shape) {
    const compute = weightsBytes * COMPUTE_UNKNOWN.share + COMPUTE_UNKNOWN.bytes;
    return Math.ceil(weightsBytes + compute + kvBytes({ ...input, ...setUp }) + PROCESS_BYTES);
  }
  const whole = { ...input, ...setUp, shape, layers: shape.layers, holdsOutput: true, batchTokens: BATCH_TOKENS };
  // The built-in engine's llama.cpp is older, and reserves likelihoods for every token that it reads.
  return PROCESS_BYTES + partBytes(engine === "built-in" ? { ...whole, outputTokens: BATCH_TOKENS } : whole).total;
}
