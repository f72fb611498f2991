/** Many callers at once for a fixed time, or steps at a fixed pace. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Load {
  readonly done: number;
  /** Operations a second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @param work  one turn of a caller; returns how many operations it did */
export async function callersAtOnce(
  { callers, seconds }: { callers: number; seconds: number },
  work: (caller: number) => Promise<number>,
): Promise<Load> {
  const times: number[] = [];
  let done = 0;
  const began = performance.now();
  const until = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      while (performance.now() < until) {
        const asked = performance.now();
        const operations = await work(caller);
        times.push((performance.now() - asked) / operations);
        done += operations;
      }
    }),
  );
  const rate = done / ((performance.now() - began) / 1_000);
  return { done, rate, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

/** Begins steps at a pace, whether or not the ones before have ended; the time each took, in ms. */
export async function stepsAtPace(
  { perSecond, steps }: { perSecond: number; steps: number },
  step: () => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  const began = performance.now();
  const running: Promise<void>[] = [];
  for (let at = 0; at < steps; at++) {
    const dueIn = began + (at * 1_000) / perSecond - performance.now();
    if (dueIn > 0) await sleep(dueIn);
    const asked = performance.now();
    running.push(step().then(() => void times.push(performance.now() - asked)));
  }
  await Promise.all(running);
  return times;
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
