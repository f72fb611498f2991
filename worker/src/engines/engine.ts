/**
 * The inference engine interface that the daemon uses.
 *
 * Two engines implement it: a llama.cpp child process (engines/llama) and any OpenAI-compatible URL
 * (engines/openai).
 */
import type { Turn } from "@starai/protocol/template";
import type { Device, FailureCode, FinishReason, Lease, ServedModel } from "@starai/protocol/worker-frames";

/** One model call: the part of a lease an engine needs. */
export type EngineJob = Pick<Lease, "turns" | "committed" | "constraint" | "sampling" | "maxTokens" | "cacheKey">;

export type EngineEvent =
  /** Progress before the first token: share of loading and prompt reading done, 0 to 1. */
  | { kind: "progress"; done: number }
  /**
   * New output. `text` is whole characters only and is exactly what `tokens` decode to; `tokens` is `null` where
   * the engine gives no ids.
   */
  | { kind: "tokens"; tokens: number[] | null; text: string }
  | { kind: "done"; reason: FinishReason };

/** Why an engine could not finish a job, in the protocol's words. */
export class EngineFailure extends Error {
  readonly code: FailureCode;
  constructor(code: FailureCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineFailure";
    this.code = code;
  }
}

export interface Engine {
  readonly served: ServedModel;
  readonly devices: readonly Device[];
  /** The speeds were measured while other programs used the machine, so it may be faster. */
  readonly measuredBusy: boolean;
  /** False while the engine cannot restart: it fails every job at once, and its model is not offered to the pool. */
  readonly serving: boolean;
  /**
   * Runs one job. Events end with `done`, or the iteration throws an `EngineFailure`.
   * After `signal` aborts, the engine stops within a token and the iteration ends without `done`.
   */
  generate(job: EngineJob, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** Reads a prefix into an idle slot, so that jobs beginning with it start at once. Real jobs pre-empt it. */
  warm(turns: readonly Turn[]): Promise<void>;
  close(): Promise<void>;
}
