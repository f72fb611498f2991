/**
 * Negative controls: one protection of the server is taken off, from outside, by wrapping what holds it. A campaign
 * that stays green without it would prove nothing.
 */
import { FormFollower } from "@starai/server/grammar/form-follower";
import { JobQueue } from "@starai/server/jobs/job-queue";
import type { LiveJob } from "@starai/server/jobs/live-job";
import { LiveJobs } from "@starai/server/jobs/live-jobs";
import type { Protection } from "./server-messages.ts";

/** Called before the server starts, in its process. */
export function takeOff(protection: Protection): void {
  switch (protection) {
    case "fence":
      return believeOldLeases();
    case "failed-on":
      return forgetWhoFailed();
    case "prefix":
      return followNoForm();
  }
}

/** Every job as it enters the queue. */
function onEnter(look: (job: LiveJob) => void): void {
  const enter = Reflect.get(LiveJobs.prototype, "add");
  LiveJobs.prototype.add = function (job) {
    look(job);
    enter.call(this, job);
  };
}

/** A frame of an old lease counts as one of the lease that runs now. */
function believeOldLeases(): void {
  const jobs = new Map<string, LiveJob>();
  onEnter((job) => jobs.set(job.facts.id, job));
  const believe = Reflect.get(JobQueue.prototype, "accept");
  JobQueue.prototype.accept = function (worker, frame) {
    const phase = jobs.get(frame.job)?.phase;
    const lease = phase?.kind === "leased" ? phase.lease : null;
    if (!lease || lease.fence === frame.fence) return believe.call(this, worker, frame);
    const seq = "seq" in frame ? { seq: lease.nextSeq } : {};
    return believe.call(this, lease.worker ?? worker, { ...frame, ...seq, fence: lease.fence });
  };
}

/** What is committed may leave its form. */
function followNoForm(): void {
  FormFollower.prototype.follow = () => Promise.resolve({ kind: "not_followed" });
}

/** A job may go back to a worker that lost it. */
function forgetWhoFailed(): void {
  onEnter((job) => {
    job.failedOn.add = () => job.failedOn;
  });
}
