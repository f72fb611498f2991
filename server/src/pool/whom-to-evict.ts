/**
 * Chooses the worker to evict when the pool is full and another asks to join. Keys cost nothing, finished work does: a
 * machine that finishes more leases than it fails is never evicted, and has a place while any other lacks a record.
 */

/** A worker without work keeps its place for a minute before a newcomer may take it. */
const CHANCE_MS = 60_000;

interface Record {
  readonly completed: number;
  readonly failed: number;
}

export interface Candidate extends Record {
  readonly leaving: boolean;
  /** Leases it holds now. */
  readonly leases: number;
  readonly idleSince: number;
}

/**
 * Of those without a record the one that has been idle longest: a queue, so that a newcomer stays longest among many.
 * A newcomer with a record may also replace one that works or has just joined; null when no worker may be evicted.
 */
export function whomToEvict<Worker extends Candidate>(
  workers: readonly Worker[],
  newcomer: Record,
  now: number,
): Worker | null {
  const mayGo = workers.filter((worker) => !worker.leaving && !isProductive(worker));
  const idle = mayGo.filter((worker) => worker.leases === 0);
  if (!isProductive(newcomer)) return longestIdle(idle.filter((worker) => now - worker.idleSince >= CHANCE_MS));
  return longestIdle(idle) ?? longestIdle(mayGo);
}

function isProductive({ completed, failed }: Record): boolean {
  return completed > failed;
}

function longestIdle<Worker extends Candidate>(workers: readonly Worker[]): Worker | null {
  let longest: Worker | null = null;
  for (const worker of workers) if (!longest || worker.idleSince < longest.idleSince) longest = worker;
  return longest;
}
