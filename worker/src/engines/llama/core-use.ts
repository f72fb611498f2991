/** How busy this machine's cores were during an interval, and whether other programs disturbed a measurement. */
import os from "node:os";

/** Share of a core that small neighbours (a server, a browser) may use without being counted as a disturbance. */
export const TOLERATED_CORES = 0.35;

/** Average number of cores in each state during one interval. */
export interface CoreUse {
  /** Cores this process kept busy. */
  own: number;
  /** Cores other processes kept busy. */
  others: number;
  /** Idle cores. */
  idle: number;
}

/** The operating system's counters, which only grow. They resolve seconds; the load average only minutes. */
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
 * Whether other programs distorted a measurement: they used more cores than were idle, so the engine
 * may have wanted what they had. A large machine that others use a part of is not busy.
 */
export function isBusy({ others, idle }: Pick<CoreUse, "others" | "idle">): boolean {
  return others > TOLERATED_CORES && others > idle;
}
