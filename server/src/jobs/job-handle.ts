/** The caller's handle of a job: its events from the first character, its result, and cancellation. */
import { Refusal } from "../errors.ts";
import type { JobEvent, JobHandle, JobResult } from "./job.ts";
import type { LiveJob } from "./live-job.ts";

export function handleOf(job: LiveJob, cancel: JobHandle["cancel"]): JobHandle {
  return {
    id: job.facts.id,
    bill: job.facts.bill,
    events: () => eventsOf(job),
    result: () => resultOf(job),
    cancel,
  };
}

/** Reads the job's state after each change and emits what is new; a slow reader emits more at once. */
async function* eventsOf(job: LiveJob): AsyncGenerator<JobEvent> {
  let read = 0;
  let attempt = 0;
  let place = "";
  for (;;) {
    // Subscribed before the state is read, so that a change during a slow read wakes the reader at once.
    const changed = job.changed();
    const { phase } = job;
    if (phase.kind === "waiting" && job.place && JSON.stringify(job.place) !== place) {
      place = JSON.stringify(job.place);
      yield { kind: "queued", ...job.place };
    }
    if (phase.kind === "leased" && phase.lease.granted && job.attempts > attempt) {
      attempt = job.attempts;
      place = "";
      yield { kind: "leased", worker: phase.lease.workerName, attempt };
    }
    if (job.shown > read) {
      const text = job.text.slice(read, job.shown);
      read = job.shown;
      yield { kind: "text", text };
    } else if (job.phase.kind === "ended") {
      yield job.phase.end;
      return;
    } else await changed;
  }
}

async function resultOf(job: LiveJob): Promise<JobResult> {
  while (job.phase.kind !== "ended") await job.changed();
  const { end } = job.phase;
  if (end.kind === "done") return end.result;
  throw new Refusal(end.code, end.message);
}
