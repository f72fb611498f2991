/** How much context a model gets on this machine: pure arithmetic over measured memory. */
import type { KvType } from "./child-messages.ts";

export interface FitInput {
  /** Size of the model file: weights are mapped, and used pages stay in memory. */
  weightsBytes: number;
  /** KV bytes for one token of context at f16. */
  kvBytesPerToken: number;
  /** Context length the model was trained for. */
  contextTokensMax: number;
  /** Free memory now, in bytes. */
  freeBytes: number;
  /** Concurrent jobs wanted if memory allows. */
  slotsWanted: number;
  /** Cache types that work here, the better first; by default all. */
  kvTypes?: readonly KvType[];
}

export type Fit =
  | { kind: "fits"; contextTokens: number; slots: number; kvType: KvType; needBytes: number }
  | { kind: "too-big"; needBytes: number };

/** Enough context for a conversation with its tools and examples; more memory is better spent elsewhere. */
const CONTEXT_TARGET = 8_192;
/** Below this an agent's own instructions do not fit. */
const CONTEXT_MIN = 2_048;
/** The engine process itself: runtime, vocabulary, compute buffers (measured 0.15–0.25 GB for 0.1–1.5b models). */
const ENGINE_BYTES = 400 * 1024 ** 2;
/**
 * On a CPU, 0.6 of the weights are repacked into a copy of their own (measured on q4_k_m); the mapped originals
 * of those stay in the process's size, but the kernel takes them back when memory is short. So the weights count
 * once, and 10 % are for buffers that grow with the model.
 */
const WEIGHTS_FACTOR = 1.1;
const KV_TYPES: readonly KvType[] = ["f16", "q8_0"];
/** A q8_0 block is 32 values in 34 bytes; f16 takes 64. */
const Q8_SHARE = 34 / 64;

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
      for (const kvType of input.kvTypes ?? KV_TYPES) {
        needBytes = neededBytes(input, { contextTokens, slots, kvType });
        if (needBytes <= input.freeBytes) return { kind: "fits", contextTokens, slots, kvType, needBytes };
      }
    }
  }
  return { kind: "too-big", needBytes };
}

/** Memory a set-up takes, in bytes. */
export function neededBytes(
  { weightsBytes, kvBytesPerToken }: Pick<FitInput, "weightsBytes" | "kvBytesPerToken">,
  plan: { contextTokens: number; slots: number; kvType: KvType },
): number {
  const kvShare = plan.kvType === "q8_0" ? Q8_SHARE : 1;
  const kvBytes = plan.contextTokens * plan.slots * kvBytesPerToken * kvShare;
  return Math.ceil(weightsBytes * WEIGHTS_FACTOR + kvBytes + ENGINE_BYTES);
}
