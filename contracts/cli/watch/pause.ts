/** Pauses between two looks, ms: short while the endpoint answers, growing while it does not. */
const PAUSE_MS = 15_000;
const PAUSE_MS_MAX = 300_000;

/** `failures` is the number of looks in a row that failed. */
export function pauseMs(failures: number): number {
  return Math.min(PAUSE_MS * 2 ** Math.min(failures, 10), PAUSE_MS_MAX);
}
