/** The nouns of a job: what is asked, what is told while it runs, and the handle of whoever asked. */
import type { Turn } from "@starai/protocol/template";
import type { Constraint, FinishReason, Sampling } from "@starai/protocol/worker-frames";
import type { ErrorCode } from "@starai/protocol/error-codes";

/** Stored with the job, so that any later attempt, also after a restart, asks for exactly the same. */
export interface JobRequest {
  turns: Turn[];
  constraint: Constraint | null;
  sampling: Sampling;
  maxTokens: number;
  /** The answer ends before the first of these; at most 4 of at most 200 characters. */
  stop: string[];
  cacheKey: string;
}

/** As its row holds it. */
export interface StoredRequest extends JobRequest {
  /** Whether the prompt's tokens could not be counted; absent in rows of older versions, and then they were. */
  promptEstimated?: boolean;
}

export interface JobInput extends JobRequest {
  /** Idempotence: the same key attaches to the same job. */
  key: string;
  owner: string;
  /** Catalogue id. */
  model: string;
  /** Total time allowed, waiting included; ms. */
  deadlineMs: number;
}

export interface JobUsage {
  promptTokens: number;
  completionTokens: number;
  /** True where some attempt's engine gave no token ids. */
  estimated: boolean;
}

/** A job that went to its end on some worker. */
export interface JobResult {
  text: string;
  finishReason: FinishReason;
  usage: JobUsage;
  /** The worker of the last attempt, and how many attempts there were. */
  worker: string;
  attempts: number;
  /** From submission to the first token and to the end; ms. `null` where a restart lost it. */
  firstTokenMs: number | null;
  elapsedMs: number;
}

export type JobEvent =
  | { kind: "queued"; position: number; etaMs: number | null }
  /** A worker took the job; attempt counts from 1, so above 1 the job has moved. */
  | { kind: "leased"; worker: string; attempt: number }
  /** The next characters, whole ones, never repeated. */
  | { kind: "text"; text: string }
  | { kind: "done"; result: JobResult }
  | { kind: "failed"; code: ErrorCode; message: string };

export interface JobHandle {
  readonly id: string;
  /** Ends after `done` or `failed`. Each call starts from the first character. */
  events(): AsyncIterable<JobEvent>;
  /** The whole result; throws a Refusal when the job failed or was cancelled. */
  result(): Promise<JobResult>;
  cancel(reason: string): Promise<void>;
}
