/**
 * Negative controls: one protection of the server is taken off, from outside, by wrapping what holds it. A campaign
 * that stays green without it would prove nothing.
 */
import { FormFollower } from "@starai/server/grammar/form-follower";
import { JobDesk } from "@starai/server/jobs/job-desk";
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

/** Every job as it enters the desk. */
function onEnter(look: (job: LiveJob) => void): void {
  wrap(LiveJobs.prototype, "add", (add, [job]) => {
    look(job);
    add(job);
  });
}

/** A frame of an old lease counts as one of the lease that runs now. */
function believeOldLeases(): void {
  const jobs = new Map<string, LiveJob>();
  onEnter((job) => jobs.set(job.facts.id, job));
  wrap(JobDesk.prototype, "accept", (accept, [session, frame]) => {
    const phase = jobs.get(frame.job)?.phase;
    const lease = phase?.kind === "leased" ? phase.lease : null;
    if (!lease || lease.fence === frame.fence) return accept(session, frame);
    const seq = "seq" in frame ? { seq: lease.nextSeq } : {};
    return accept(lease.session ?? session, { ...frame, ...seq, fence: lease.fence });
  });
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

/** Puts `around` in the place of a method; it is given the method, bound, and what it was called with. */
function wrap<Name extends string, Input extends unknown[], Output>(
  prototype: Record<Name, (...input: Input) => Output>,
  name: Name,
  around: (method: (...input: Input) => Output, input: Input) => Output,
): void {
  const method = prototype[name];
  prototype[name] = function (this: unknown, ...input: Input) {
    return around((...given) => method.apply(this, given), input);
  };
}
