/**
 * Events of the server that an operator wants to know: one function for each, which writes its line into the
 * log and counts it. A line carries the ids it belongs to: `run`, `job` and `attempt`, which is the number of the job's
 * lease. A line quotes nobody: a reason is one of our own words, and a worker appears by its name.
 */
import type { Logger } from "pino";
import { CLOSE } from "@starai/protocol/worker-frames";
import { leaseReason } from "./lease-reason.ts";
import { createMetrics } from "./metrics.ts";
import type { Metrics } from "./metrics.ts";

export interface JobFacts {
  readonly id: string;
  /** `run:<run>:<step>` where a run asked for it. */
  readonly key: string;
  readonly model: { readonly id: string };
}

export interface LeaseFacts {
  /** Which attempt at its job it is. */
  readonly fence: number;
  readonly workerName: string;
}

type VocabularyWork = "counting" | "verifying";

/** Ends of lost leases that mean a false claim by the worker. */
const FALSE_CLAIMS: ReadonlySet<string> = new Set(["false_frame", "false_end", "out_of_order"]);
/** The route that monitors request every few seconds. */
const WATCHED_ROUTE = "/healthz";

export class Events {
  readonly log: Logger;
  readonly metrics: Metrics = createMetrics();

  constructor(log: Logger) {
    this.log = log;
  }

  requestAnswered(request: { id: string; method: string; route: string; status: number; ms: number }): void {
    const { id, method, route, status, ms } = request;
    const level = route === WATCHED_ROUTE ? "debug" : "info";
    this.log[level]({ request: id, method, route, status, ms: Math.round(ms) }, "a request was answered");
    this.metrics.requests.inc({ method, route, status });
    this.metrics.requestSeconds.observe({ route }, ms / 1_000);
  }

  runStarted({ run, thread, model }: { run: string; thread: string; model: string }): void {
    this.log.info({ run, thread, model }, "a run started");
    this.metrics.runsStarted.inc({ model });
  }

  runEnded({ run, outcome, code }: { run: string; outcome: string; code: string | null }): void {
    this.log.info({ run, outcome, ...(code === null ? {} : { code }) }, "a run ended");
    this.metrics.runsEnded.inc({ outcome });
  }

  jobQueued(job: JobFacts): void {
    this.log.debug({ ...idsOf(job), model: job.model.id }, "a job was queued");
    this.metrics.jobsQueued.inc({ model: job.model.id });
  }

  leaseGranted(job: JobFacts, lease: LeaseFacts, { first, waitMs }: { first: boolean; waitMs: number }): void {
    this.log.info({ ...idsOf(job, lease), waitMs: Math.round(waitMs) }, "a lease was granted");
    if (first) this.metrics.jobWaitSeconds.observe({ model: job.model.id }, waitMs / 1_000);
  }

  firstToken(job: JobFacts, lease: LeaseFacts, ms: number): void {
    this.log.debug({ ...idsOf(job, lease), ms: Math.round(ms) }, "a job's first token came");
    this.metrics.firstTokenSeconds.observe({ model: job.model.id }, ms / 1_000);
  }

  tokensCommitted(job: JobFacts, count: number): void {
    this.metrics.tokens.inc({ kind: "completion", model: job.model.id }, count);
  }

  /** @param end  as in the attempt's row */
  leaseEnded(job: JobFacts, lease: LeaseFacts, end: string): void {
    const reason = leaseReason(end);
    this.log.info({ ...idsOf(job, lease), reason }, "a lease ended");
    this.metrics.leasesEnded.inc({ reason });
  }

  /** @param committed  tokens of the job, after which the next worker continues */
  leaseLost(job: JobFacts, lease: LeaseFacts, loss: { end: string; blame: string; committed: number }): void {
    const { blame, committed } = loss;
    const reason = leaseReason(loss.end);
    this.log.info({ ...idsOf(job, lease), reason, blame, committed }, "a lease was lost");
    this.metrics.leasesEnded.inc({ reason });
    if (FALSE_CLAIMS.has(reason)) this.metrics.verificationFaults.inc({ kind: reason });
  }

  jobEnded(job: JobFacts, end: string, facts: { attempts: number; promptTokens: number; tokens: number }): void {
    this.log.info({ ...idsOf(job), end, ...facts }, "a job ended");
    this.metrics.jobsEnded.inc({ end });
    if (end === "done") this.metrics.tokens.inc({ kind: "prompt", model: job.model.id }, facts.promptTokens);
  }

  workerJoined({ worker, version, models }: { worker: string; version: string; models: string[] }): void {
    this.log.info({ worker, version, models }, "a worker joined");
    this.metrics.workersJoined.inc();
  }

  /** The worker's own reason is left out: it may hold any text. */
  workerLeft({ worker, code }: { worker: string; code: number }): void {
    this.log.info({ worker, code }, "a worker left");
    this.metrics.workersLeft.inc({ code: closeClass(code) });
  }

  workerRefused(reason: string): void {
    this.log.info({ reason }, "a worker's connection was refused");
    this.metrics.workersRefused.inc();
  }

  groupFormed(facts: { group: string; model: string; members: readonly string[] }): void {
    this.log.info(facts, "a group was formed");
  }

  groupUp({ ms, ...facts }: { group: string; model: string; ms: number }): void {
    this.log.info({ ...facts, ms: Math.round(ms) }, "a group is up");
    this.metrics.groupsUp.inc({ model: facts.model });
  }

  /** The reason is left out: it may quote a worker. */
  groupEnded(facts: { group: string; model: string; wasUp: boolean; members: readonly string[] }): void {
    this.log.info(facts, "a group ended");
    this.metrics.groupsEnded.inc({ model: facts.model });
  }

  tunnelRefused(facts: { group: string | null; reason: string }): void {
    this.log.info(facts, "a tunnel was refused");
    this.metrics.tunnelsRefused.inc();
  }

  workerPaused({ worker, ms, failedInRow }: { worker: string; ms: number; failedInRow: number }): void {
    this.log.info({ worker, ms, failedInRow }, "a worker is paused");
    this.metrics.workersPaused.inc();
  }

  vocabularyAnswered({ work, kind, ms }: { work: VocabularyWork; kind: string; ms: number }): void {
    this.metrics.vocabularySeconds.observe({ work, kind }, ms / 1_000);
  }

  vocabularyLate({ work, kind }: { work: VocabularyWork; kind: string }): void {
    this.log.warn({ work, kind }, "the vocabulary process did not answer in time; it is started again");
  }

  vocabularyEnded({ work, how }: { work: VocabularyWork; how: string }): void {
    this.log.warn({ work, how }, "the vocabulary process ended; it starts again when next needed");
    this.metrics.vocabularyEnds.inc({ work });
  }

  databaseWentAway(): void {
    this.log.error("the database is away; asking for it until it is back");
    this.metrics.databaseOutages.inc();
  }

  databaseCameBack(awayMs: number): void {
    this.log.info({ awayMs }, "the database is back");
  }

  storageFilled(): void {
    this.log.error("the database's disk is full; new work is refused until there is room");
  }

  storageFreed(): void {
    this.log.info("the database's disk has room again");
  }
}

const OF_A_RUN = /^run:([0-9a-f-]{36}):/;

function idsOf({ id, key }: JobFacts, lease?: LeaseFacts) {
  const run = OF_A_RUN.exec(key)?.[1];
  return {
    ...(run === undefined ? {} : { run }),
    job: id,
    ...(lease === undefined ? {} : { attempt: lease.fence, worker: lease.workerName }),
  };
}

/** Close codes counted each by itself: the standard's that sockets use on their own, and the pool's. */
const CLOSE_CODES: ReadonlySet<number> = new Set([1000, 1001, 1005, 1006, 1009, 1011, ...Object.values(CLOSE)]);

/** A peer may close with any code from 1000 to 4999. */
function closeClass(code: number): string {
  return CLOSE_CODES.has(code) ? String(code) : "other";
}
