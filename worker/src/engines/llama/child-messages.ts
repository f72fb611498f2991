/** Messages between the daemon and its llama.cpp child process, over the child's IPC channel. */
import type { TemplateName, Turn } from "@starai/protocol/template";
import type { Device, FailureCode, FinishReason, ServedModel } from "@starai/protocol/worker-frames";
import type { EngineJob } from "../engine.ts";

export type KvType = Extract<ServedModel["kvType"], "f16" | "q8_0">;

/** Everything the child needs to load its one model. */
export interface LoadOptions {
  path: string;
  /** SHA-256 of the model file. */
  sha256: string;
  template: TemplateName;
  /** Tokens each slot can hold. */
  contextTokens: number;
  slots: number;
  kvType: KvType;
  threads: number;
  gpu: boolean;
  /** Speeds from an earlier measurement; `null` before the first. */
  speeds: Speeds | null;
  /** Folder that keeps prefix states over restarts, for this model only; `null` keeps none. */
  prefixFolder: string | null;
}

/** How fast a model runs on this machine, and with how many threads. */
export interface Speeds {
  threads: number;
  prefillTokensPerS: number;
  decodeTokensPerS: number;
  /** Measured while other programs used the cores: the machine may be faster, perhaps with another thread count. */
  busy: boolean;
}

export type ToChild =
  | { type: "load"; options: LoadOptions }
  | { type: "measure"; threads: number[] }
  | { type: "generate"; id: number; job: EngineJob }
  | { type: "cancel"; id: number }
  | { type: "warm"; id: number; turns: readonly Turn[] };

export type FromChild =
  | { type: "loading"; done: number }
  | { type: "loaded"; contextTokens: number; devices: Device[] }
  | { type: "load-failed"; code: FailureCode; message: string }
  /** The speeds the child uses from now on; `null` when measuring failed or was pre-empted, and nothing changed. */
  | { type: "measured"; speeds: Speeds | null }
  | { type: "progress"; id: number; done: number }
  | { type: "tokens"; id: number; tokens: number[]; text: string }
  | { type: "done"; id: number; reason: FinishReason }
  | { type: "failed"; id: number; code: FailureCode; message: string }
  | { type: "warmed"; id: number };
