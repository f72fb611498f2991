/**
 * Negative controls: disables one protection of the server from outside, by wrapping the code that provides it. A
 * campaign that stays green without it would prove nothing.
 */
import { FormFollower } from "@starai/server/grammar/form-follower";
import { JobQueue } from "@starai/server/jobs/job-queue";
import type { LiveJob } from "@starai/server/jobs/live-job";
import { LiveJobs } from "@starai/server/jobs/live-jobs";
import type { Protection } from "./server-messages.ts";

/** Disables a protection. Must be called in the server's process, before the server starts. */
export function disableProtection(protection: Protection): void {
  switch (protection) {
    case "fence":
      return acceptOldLeases();
    case "failed-on":
      return forgetWhoFailed();
    case "prefix":
      return followNoForm();
  }
}

/** Calls `look` with each job that enters the queue. */
function onEnqueue(look: (job: LiveJob) => void): void {
  const add = Reflect.get(LiveJobs.prototype, "add");
  LiveJobs.prototype.add = function (job) {
    look(job);
    add.call(this, job);
  };
}

/** Accepts a frame of an old lease as one of the current lease. */
function acceptOldLeases(): void {
  const jobs = new Map<string, LiveJob>();
  onEnqueue((job) => jobs.set(job.facts.id, job));
  const accept = Reflect.get(JobQueue.prototype, "accept");
  JobQueue.prototype.accept = function (worker, frame) {
    const phase = jobs.get(frame.job)?.phase;
    const lease = phase?.kind === "leased" ? phase.lease : null;
    if (!lease || lease.fence === frame.fence) return accept.call(this, worker, frame);
    const seq = "seq" in frame ? { seq: lease.nextSeq } : {};
    return accept.call(this, lease.worker ?? worker, { ...frame, ...seq, fence: lease.fence });
  };
}

/** Lets committed text break its form. */
function followNoForm(): void {
  FormFollower.prototype.follow = () => Promise.resolve({ kind: "not_followed" });
}

/** Lets a job be leased again to a worker that lost it. */
function forgetWhoFailed(): void {
  onEnqueue((job) => {
    job.failedOn.add = () => job.failedOn;
  });
}
