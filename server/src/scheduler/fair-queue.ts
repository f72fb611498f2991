/**
 * The order of the queue: jobs that lost their worker first, then those that somebody pays for, then free ones, each with
 * owners in turn. Also decides who may join it.
 */
import { Heap } from "./heap.ts";
import type { WaitingJob } from "./snapshot.ts";

/** What each owner has received so far. */
export interface Turns {
  /** Jobs running now. */
  readonly running: ReadonlyMap<string, number>;
  /** When an owner last received a lease. An owner not in the map has never been served and goes first. */
  readonly servedAt: ReadonlyMap<string, number>;
}

/**
 * The order in which waiting jobs should be leased. A free job waits while a paid one waits that the same worker could
 * do; half an answer goes first whoever pays, because a person is watching it. Among paid jobs, and then among free
 * ones, each turn goes to the owner with the fewest jobs running or already ahead in this order, ties to the owner whose
 * last turn is longest ago, then to the job that waited longest; so one owner's hundred jobs delay another's first by
 * one place at most.
 */
export function fairOrder(waiting: readonly WaitingJob[], { running, servedAt }: Turns): WaitingJob[] {
  const turns = new Map(running);
  const moved = waiting.filter((job) => job.moved).sort(byAge);
  for (const { owner } of moved) turns.set(owner, (turns.get(owner) ?? 0) + 1);
  const [paid, free] = [false, true].map((isFree) => waiting.filter((job) => !job.moved && job.isFree === isFree));
  return [...moved, ...inTurns(paid!, turns, servedAt), ...inTurns(free!, turns, servedAt)];
}

/** @param turns  of every owner so far; those of these jobs are added */
function inTurns(jobs: WaitingJob[], turns: Map<string, number>, servedAt: Turns["servedAt"]): WaitingJob[] {
  const order: WaitingJob[] = [];
  const next = new Heap(
    [...queuesByOwner(jobs)].map(([owner, jobs]) => ({
      owner,
      jobs,
      had: 0,
      turns: turns.get(owner) ?? 0,
      servedAt: servedAt.get(owner) ?? -Infinity,
    })),
    isNext,
  );
  for (let queue = next.pop(); queue; queue = next.pop()) {
    order.push(queue.jobs[queue.had]!);
    queue.had++;
    queue.turns++;
    turns.set(queue.owner, queue.turns);
    if (queue.had < queue.jobs.length) next.push(queue);
  }
  return order;
}

/** The waiting jobs of one owner, and the owner's turns. */
interface OwnerQueue {
  readonly owner: string;
  readonly jobs: readonly WaitingJob[];
  /** Jobs already placed in the order. */
  had: number;
  turns: number;
  readonly servedAt: number;
}

function queuesByOwner(jobs: WaitingJob[]): Map<string, WaitingJob[]> {
  const queues = new Map<string, WaitingJob[]>();
  for (const job of jobs.sort(byAge)) {
    const queue = queues.get(job.owner);
    if (queue) queue.push(job);
    else queues.set(job.owner, [job]);
  }
  return queues;
}

function isNext(one: OwnerQueue, other: OwnerQueue): boolean {
  if (one.turns !== other.turns) return one.turns < other.turns;
  if (one.servedAt !== other.servedAt) return one.servedAt < other.servedAt;
  return byAge(one.jobs[one.had]!, other.jobs[other.had]!) < 0;
}

/** Oldest first; the id decides between twins, so that the order is deterministic. */
function byAge(one: WaitingJob, other: WaitingJob): number {
  return one.since - other.since || (one.id < other.id ? -1 : 1);
}

export type Admission =
  | { kind: "admitted" }
  | { kind: "owner_full"; held: number }
  | { kind: "queue_full"; waiting: number };

export interface QueueLoad {
  /** Jobs waiting, of everyone. */
  waiting: number;
  /** Jobs waiting or running, of this owner. */
  held: number;
}

/** Free jobs fill at most this share of the queue: else they would keep out jobs that go before them once inside. */
const FREE_SHARE = 3 / 4;

/** Whether one more job of this owner may wait. */
export function admit(
  load: QueueLoad & { isFree: boolean },
  limits: { queueMax: number; jobsPerOwnerMax: number },
): Admission {
  if (load.held >= limits.jobsPerOwnerMax) return { kind: "owner_full", held: load.held };
  const queueMax = load.isFree ? Math.ceil(limits.queueMax * FREE_SHARE) : limits.queueMax;
  if (load.waiting >= queueMax) return { kind: "queue_full", waiting: load.waiting };
  return { kind: "admitted" };
}
