/**
 * The server's metrics, in a registry of their own: two servers in one process do not share any. Every set of labels is
 * bounded by this code or by the catalogue: never a worker, a person, or anything else a stranger chooses.
 */
import { Counter, Histogram, Registry } from "prom-client";

/** From a cached answer to the deadline of a completion. */
const REQUEST_S = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];
/** From "at once" to the ten minutes after which a job is given up. */
const WAIT_S = [0.05, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 600];
/** Decoding takes milliseconds, loading a vocabulary up to a minute. */
const VOCABULARY_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

export function createMetrics() {
  const registry = new Registry();
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `starai_${name}`, help, labelNames, registers: [registry] });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], labelNames: Label[]) =>
    new Histogram({ name: `starai_${name}`, help, buckets, labelNames, registers: [registry] });
  return {
    registry,
    requests: counter("http_requests_total", "Requests answered.", ["method", "route", "status"]),
    requestSeconds: histogram("http_request_seconds", "Time until an answer began.", REQUEST_S, ["route"]),
    runsStarted: counter("runs_started_total", "Runs started or resumed.", ["model"]),
    runsEnded: counter("runs_ended_total", "Runs ended.", ["outcome"]),
    jobsQueued: counter("jobs_queued_total", "Jobs put into the queue.", ["model"]),
    jobsEnded: counter("jobs_ended_total", "Jobs ended: done, or the code of the failure.", ["end"]),
    jobWaitSeconds: histogram("job_wait_seconds", "From a job's submission to its first lease.", WAIT_S, ["model"]),
    firstTokenSeconds: histogram("job_first_token_seconds", "From a job's submission to its first token.", WAIT_S, [
      "model",
    ]),
    tokens: counter("tokens_total", "Tokens of finished prompts, and of committed answers.", ["kind", "model"]),
    leasesEnded: counter("leases_ended_total", "Leases ended.", ["reason"]),
    verificationFaults: counter("verification_faults_total", "Frames that cannot be what the model gave.", ["kind"]),
    workersJoined: counter("workers_joined_total", "Connections of workers that were welcomed.", []),
    workersLeft: counter("workers_left_total", "Connections of welcomed workers that closed.", ["code"]),
    workersRefused: counter("workers_refused_total", "Connections refused at the door.", []),
    tunnelsRefused: counter("tunnels_refused_total", "Tunnels between machines of groups that were refused.", []),
    workersPaused: counter("workers_paused_total", "Pauses of workers that failed repeatedly.", []),
    groupsUp: counter("groups_up_total", "Groups of machines that began to serve a model.", ["model"]),
    groupsEnded: counter("groups_ended_total", "Groups that ended, also before they served.", ["model"]),
    vocabularySeconds: histogram(
      "vocabulary_seconds",
      "From a question to a vocabulary child's answer.",
      VOCABULARY_S,
      ["work", "kind"],
    ),
    vocabularyEnds: counter("vocabulary_ends_total", "Vocabulary children that ended by themselves.", ["work"]),
    databaseOutages: counter("database_outages_total", "Times the database went away.", []),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
