/** Builds the lease frame: the same request for every attempt, plus the text of earlier attempts. */
import type { Lease } from "@starai/protocol/worker-frames";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";

export function leaseFrame(job: LiveJob, lease: LiveLease): Lease {
  const { turns, constraint, sampling, cacheKey } = job.facts.request;
  return {
    type: "lease",
    job: job.facts.id,
    fence: lease.fence,
    model: job.facts.model.id,
    turns,
    committed: { text: job.text, tokens: job.tokens },
    constraint,
    sampling,
    maxTokens: job.tokensLeft,
    cacheKey,
  };
}
