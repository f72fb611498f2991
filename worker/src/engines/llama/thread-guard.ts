/**
 * Keeps engine threads from fighting other programs for cores.
 *
 * llama.cpp's threads spin while they wait for each other, so one thread that has lost its core holds up all: with
 * two threads on two contended cores writing fell to a fifth of what one thread did (measured, 1.5b). So each
 * second the guard looks at how many cores this process had and how many lay idle, and asks for no more than that.
 */
import os from "node:os";

const LOOK_MS = 1_000;
/** Small neighbours (a server, a browser) may take this much of a core before a thread is given up for them. */
const TOLERATED_CORES = 0.35;

/** Cores' work in one stretch of time. */
export interface CoreUse {
  /** Cores this process kept busy. */
  own: number;
  /** Cores nobody used. */
  idle: number;
}

/** Threads that find a core of their own; at least one. */
export function threadsFor({ own, idle }: CoreUse, threadsMax: number): number {
  return Math.max(1, Math.min(threadsMax, Math.floor(own + idle + TOLERATED_CORES)));
}

/** Calls `use` with a thread count each second; returns what stops it. Does nothing where one thread is all. */
export function guardThreads(threadsMax: number, use: (threads: number) => void): () => void {
  if (threadsMax <= 1) return () => {};
  let before = sample();
  const timer = setInterval(() => {
    const now = sample();
    const ms = now.at - before.at;
    if (ms <= 0) return;
    use(threadsFor({ own: (now.ownMs - before.ownMs) / ms, idle: (now.idleMs - before.idleMs) / ms }, threadsMax));
    before = now;
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function sample() {
  const { user, system } = process.cpuUsage();
  const idleMs = os.cpus().reduce((sum, cpu) => sum + cpu.times.idle, 0);
  return { at: performance.now(), ownMs: (user + system) / 1_000, idleMs };
}
