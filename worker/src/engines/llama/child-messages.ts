/** What the daemon and its llama.cpp child process say to each other over the child's IPC channel. */
import type { TemplateName, Turn } from "@starai/protocol/template";
import type { Device, FailureCode, FinishReason, ServedModel } from "@starai/protocol/worker-frames";
import type { EngineJob } from "../engine.ts";

export type KvType = Extract<ServedModel["kvType"], "f16" | "q8_0">;

/** Everything the child must know to load its one model. */
export interface LoadOptions {
  path: string;
  /** Of the file. */
  sha256: string;
  template: TemplateName;
  /** Tokens each slot can hold. */
  contextTokens: number;
  slots: number;
  kvType: KvType;
  threads: number;
  gpu: boolean;
  /** Known from an earlier measurement; `null` before the first. */
  speeds: Speeds | null;
  /** Where read prefixes are kept over restarts; `null` keeps none. Only this model's files are in it. */
  prefixFolder: string | null;
}

/** How fast a model runs on this machine, and at how many threads that was. */
export interface Speeds {
  threads: number;
  prefillTokensPerS: number;
  decodeTokensPerS: number;
  /** Measured beside other programs that wanted the cores: the machine can do more, and perhaps at other threads. */
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
  /** The speeds the child uses from now on; `null` when measuring failed or gave way, and nothing has changed. */
  | { type: "measured"; speeds: Speeds | null }
  | { type: "progress"; id: number; done: number }
  | { type: "tokens"; id: number; tokens: number[]; text: string }
  | { type: "done"; id: number; reason: FinishReason }
  | { type: "failed"; id: number; code: FailureCode; message: string }
  | { type: "warmed"; id: number };
