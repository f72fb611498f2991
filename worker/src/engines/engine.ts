/**
 * What the daemon needs of an inference engine, whichever it is.
 *
 * Two real engines stand behind it: a llama.cpp child process (engines/llama) and any OpenAI-compatible URL
 * (engines/openai).
 */
import type { Turn } from "@starai/protocol/template";
import type { Device, FailureCode, FinishReason, Lease, ServedModel } from "@starai/protocol/worker-frames";

/** One model call: the part of a lease an engine needs. */
export type EngineJob = Pick<Lease, "turns" | "committed" | "constraint" | "sampling" | "maxTokens" | "cacheKey">;

export type EngineEvent =
  /** Sign of life before the first token: `done` of the loading and reading, 0 to 1. */
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
  /** The speeds it serves were measured while other programs wanted the machine, which can do more. */
  readonly measuredBusy: boolean;
  /** False while it cannot come back: then it fails every job at once, and the pool had better not be offered it. */
  readonly serving: boolean;
  /**
   * Runs one job. Events end with `done`, or the iteration throws an `EngineFailure`.
   * After `signal` aborts, the engine stops within a token and the iteration ends without `done`.
   */
  generate(job: EngineJob, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** Reads a prefix into an idle slot, so that jobs beginning with it start at once. Gives way to real jobs. */
  warm(turns: readonly Turn[]): Promise<void>;
  close(): Promise<void>;
}
