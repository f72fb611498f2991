/** Processor time of this process and of a PostgreSQL with all its backends: what a design costs, whatever else runs. */
import { readFileSync, readdirSync } from "node:fs";

/** A tick of /proc's times, proc_pid_stat(5). */
const TICK_MS = 10;

interface ProcessTimes {
  readonly parent: number;
  readonly ms: number;
  /** Of children that have ended. */
  readonly endedMs: number;
}

/** Milliseconds so far; NaN where there is no /proc. */
export function cpuMs(postmaster: number): number {
  const { user, system } = process.cpuUsage();
  try {
    const { ms: own, endedMs } = timesOf(postmaster) ?? { ms: Number.NaN, endedMs: 0 };
    const backends = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => timesOf(Number(pid)))
      .filter((times) => times?.parent === postmaster);
    return (user + system) / 1_000 + own + endedMs + backends.reduce((sum, times) => sum + (times?.ms ?? 0), 0);
  } catch {
    return Number.NaN;
  }
}

type Numbers = [number, number, number, number, number];

/** null for a process that ended meanwhile. */
function timesOf(pid: number): ProcessTimes | null {
  try {
    // The program's name, in brackets, may hold blanks.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((at) =>
      Number(fields[at]),
    ) as Numbers;
    return { parent, ms: (user + system) * TICK_MS, endedMs: (endedUser + endedSystem) * TICK_MS };
  } catch {
    return null;
  }
}
