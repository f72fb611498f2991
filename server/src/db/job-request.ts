/** What a job asks for, as its row holds it: any later attempt, also after a restart, asks for exactly the same. */
import type { Turn } from "@starai/protocol/template";
import type { Constraint, Sampling } from "@starai/protocol/worker-frames";

export interface JobRequest {
  turns: Turn[];
  constraint: Constraint | null;
  sampling: Sampling;
  maxTokens: number;
  /** The answer ends before the first of these; at most 4 of at most 200 characters. */
  stop: string[];
  cacheKey: string;
}

export interface StoredRequest extends JobRequest {
  /** Whether the prompt's tokens are estimated; absent in rows of older versions, whose tokens were counted. */
  promptEstimated?: boolean;
  /** Whether it is for a free answer; absent in rows of older versions, which knew none. */
  isFree?: boolean;
  /** Whether somebody's money pays for it; absent in rows of older versions: whatever has a bill and is not free. */
  isPaid?: boolean;
  /** Who asked, where a key of theirs did; else whom `owner` says. */
  person?: string | null;
  /** The dearest ask whose worker may take it, as its price was locked; absent in rows of older versions. */
  askPercentMax?: number;
}
