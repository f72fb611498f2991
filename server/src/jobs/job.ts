/** The types of a job: its input, its events, and the caller's handle. */
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { FinishReason } from "@starai/protocol/worker-frames";
import type { JobRequest } from "../db/job-request.ts";

export interface JobInput extends JobRequest {
  /** Idempotence: the same key attaches to the same job. */
  key: string;
  owner: string;
  /** Catalogue id. */
  model: string;
  /** Total time allowed, waiting included; ms. */
  deadlineMs: number;
  /** The bill its price goes to; null for work that nobody pays, such as a title. */
  bill: string | null;
  /** For a free answer: it waits while jobs that somebody pays for wait. By default it is not. */
  isFree?: boolean;
  /** Somebody's money pays for it: only machines with a stake may do it. By default nobody's does. */
  isPaid?: boolean;
  /** Whose key asked; by default whom `owner` names. Their own machines do no unpaid work for them. */
  person?: string | null;
  /** Only workers that ask at most this, in percent of the list's price, may take it, also when it moves; by default 100. */
  askPercentMax?: number;
}

export interface JobUsage {
  promptTokens: number;
  completionTokens: number;
  /** True when some attempt's engine sent no token ids. */
  estimated: boolean;
}

/** A job that a worker finished. */
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
  /** A worker started the job; attempts count from 1, so above 1 the job has moved. */
  | { kind: "leased"; worker: string; attempt: number }
  /** The next whole characters, never repeated. */
  | { kind: "text"; text: string }
  | { kind: "done"; result: JobResult }
  | { kind: "failed"; code: ErrorCode; message: string };

export interface JobHandle {
  readonly id: string;
  /** Its bill, whose id is its receipt's. */
  readonly bill: string | null;
  /** Ends after `done` or `failed`. Each call starts from the first character. */
  events(): AsyncIterable<JobEvent>;
  /** The whole result; throws a Refusal when the job failed or was cancelled. */
  result(): Promise<JobResult>;
  /** @param code  `output_invalid` where its output was of no use: then nobody pays for it */
  cancel(reason: string, code?: "cancelled" | "output_invalid"): Promise<void>;
}
