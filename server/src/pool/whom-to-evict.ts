/**
 * Who has to go when the pool is full and another machine asks to come in. Keys cost nothing, finished work does: a
 * machine that finishes more leases than it fails is never sent away, and finds a place as long as anybody else has one.
 */

/** A minute in the pool without work: everybody gets this much of a chance before a newcomer may take the place. */
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
 * For a newcomer with a record also one that works or has just come; null when nobody has to make room.
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
