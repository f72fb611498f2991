/**
 * Keeps engine threads from fighting other programs for cores.
 *
 * llama.cpp's threads spin while they wait for each other, so one thread without a core delays all: with
 * two threads on two contended cores writing fell to a fifth of what one thread did (measured, 1.5b). So each
 * second the guard looks at how many cores this process had and how many lay idle, and asks for no more than that.
 */
import { coreTimes, coreUse, TOLERATED_CORES } from "./core-use.ts";
import type { CoreUse } from "./core-use.ts";

const LOOK_MS = 1_000;

/** Number of threads that can each have a core; at least one. */
export function threadsFor({ own, idle }: Pick<CoreUse, "own" | "idle">, threadsMax: number): number {
  return Math.max(1, Math.min(threadsMax, Math.floor(own + idle + TOLERATED_CORES)));
}

/** Calls `use` with a thread count each second; returns a stop function. Does nothing if `threadsMax` is one. */
export function guardThreads(threadsMax: number, use: (threads: number) => void): () => void {
  if (threadsMax <= 1) return () => {};
  let before = coreTimes();
  const timer = setInterval(() => {
    const now = coreTimes();
    use(threadsFor(coreUse(before, now), threadsMax));
    before = now;
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
