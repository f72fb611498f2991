/** The order of the queue: jobs that lost their worker first, then owners in turn. Also decides who may join it. */
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
 * The order in which waiting jobs should be leased. Each turn goes to the owner with the fewest jobs running or
 * already ahead in this order, ties to the owner whose last turn is longest ago, then to the job that waited
 * longest; so one owner's hundred jobs delay another's first by one place at most.
 */
export function fairOrder(waiting: readonly WaitingJob[], { running, servedAt }: Turns): WaitingJob[] {
  const turns = new Map(running);
  const order = waiting.filter((job) => job.moved).sort(byAge);
  for (const { owner } of order) turns.set(owner, (turns.get(owner) ?? 0) + 1);
  const queues = queuesByOwner(waiting.filter((job) => !job.moved));
  const next = new Heap(
    [...queues].map(([owner, jobs]) => ({
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
    if (queue.had < queue.jobs.length) next.push(queue);
  }
  return order;
}

/** The waiting jobs of one owner, and the owner's turns. */
interface OwnerQueue {
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

/** Whether one more job of this owner may wait. */
export function admit(load: QueueLoad, limits: { queueMax: number; jobsPerOwnerMax: number }): Admission {
  if (load.held >= limits.jobsPerOwnerMax) return { kind: "owner_full", held: load.held };
  if (load.waiting >= limits.queueMax) return { kind: "queue_full", waiting: load.waiting };
  return { kind: "admitted" };
}
