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
}
