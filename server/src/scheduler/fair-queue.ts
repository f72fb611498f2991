/** Who is next: jobs that lost their worker first, then owners in turn. And who may join the queue at all. */
import type { WaitingJob } from "./snapshot.ts";

/** What owners have had. */
export interface Turns {
  /** Jobs running now. */
  readonly running: ReadonlyMap<string, number>;
  /** When an owner was last given a lease; who is not in it waited for ever. */
  readonly servedAt: ReadonlyMap<string, number>;
}

/**
 * The order in which waiting jobs should be leased. Each turn goes to the owner with the fewest jobs running or
 * already ahead in this order, ties to the owner whose last turn is longest ago, then to the job that waited
 * longest; so one owner's hundred jobs delay another's first by one place at most.
 */
export function fairOrder(waiting: readonly WaitingJob[], { running, servedAt }: Turns): WaitingJob[] {
  const turns = new Map(running);
  const took = (job: WaitingJob) => turns.set(job.owner, (turns.get(job.owner) ?? 0) + 1);
  const order = waiting.filter((job) => job.moved).sort(byAge);
  order.forEach(took);
  const lines = linesByOwner(waiting.filter((job) => !job.moved));
  while (lines.size > 0) {
    const owner = nextOwner(lines, turns, servedAt);
    const line = lines.get(owner)!;
    const job = line.shift()!;
    if (line.length === 0) lines.delete(owner);
    took(job);
    order.push(job);
  }
  return order;
}

function linesByOwner(jobs: readonly WaitingJob[]): Map<string, WaitingJob[]> {
  const lines = new Map<string, WaitingJob[]>();
  for (const job of [...jobs].sort(byAge)) lines.set(job.owner, [...(lines.get(job.owner) ?? []), job]);
  return lines;
}

function nextOwner(
  lines: ReadonlyMap<string, WaitingJob[]>,
  turns: ReadonlyMap<string, number>,
  servedAt: ReadonlyMap<string, number>,
): string {
  const candidates = [...lines].map(([owner, line]) => ({
    owner,
    turns: turns.get(owner) ?? 0,
    servedAt: servedAt.get(owner) ?? -Infinity,
    first: line[0]!,
  }));
  return candidates.reduce((best, one) => {
    if (one.turns !== best.turns) return one.turns < best.turns ? one : best;
    if (one.servedAt !== best.servedAt) return one.servedAt < best.servedAt ? one : best;
    return byAge(one.first, best.first) < 0 ? one : best;
  }).owner;
}

/** Oldest first; the id decides between twins, so that the order never depends on who asks. */
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
