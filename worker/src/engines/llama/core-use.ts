/** What the cores of this machine did in a stretch of time, and whether other programs were in the way. */
import os from "node:os";

/** Small neighbours (a server, a browser) may take this much of a core and are no reason to do anything. */
export const TOLERATED_CORES = 0.35;

/** Cores' work in one stretch of time. */
export interface CoreUse {
  /** Cores this process kept busy. */
  own: number;
  /** Cores other processes kept busy. */
  others: number;
  /** Cores nobody used. */
  idle: number;
}

/** The operating system's counters, which only grow. They tell of seconds, where the load average tells of minutes. */
export interface CoreTimes {
  atMs: number;
  ownMs: number;
  busyMs: number;
  idleMs: number;
}

export function coreTimes(): CoreTimes {
  const { user, system } = process.cpuUsage();
  const cores = os.cpus().map(({ times }) => times);
  return {
    atMs: performance.now(),
    ownMs: (user + system) / 1_000,
    busyMs: cores.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0),
    idleMs: cores.reduce((sum, { idle }) => sum + idle, 0),
  };
}

export function coreUse(before: CoreTimes, now: CoreTimes): CoreUse {
  const ms = Math.max(1, now.atMs - before.atMs);
  const own = (now.ownMs - before.ownMs) / ms;
  const others = Math.max(0, (now.busyMs - before.busyMs) / ms - own);
  return { own, others, idle: (now.idleMs - before.idleMs) / ms };
}

/**
 * Whether speeds measured meanwhile tell of the neighbours: they took more of the machine than lay idle, so the engine
 * may have wanted what they had. A large machine that others use a part of is not busy.
 */
export function isBusy({ others, idle }: Pick<CoreUse, "others" | "idle">): boolean {
  return others > TOLERATED_CORES && others > idle;
}
