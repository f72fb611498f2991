/**
 * Whether somebody else uses this machine. On Linux: other programs keep the cores busy, or somebody typed at a terminal a
 * moment ago; the mouse and the windows of a desktop are not seen. Elsewhere nothing of it is known.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Share of all cores that programs other than the worker's may take: a quarter. */
const OTHERS_SHARE_MAX = 0.25;
/** A key pressed so recently means that somebody sits there. */
const TOUCHED_MS = 3 * 60_000;
const TERMINALS_MAX = 500;

/** Processor time since the machine began, in ticks. */
export interface CpuTimes {
  readonly all: number;
  readonly busy: number;
  /** Of the worker and the processes it started. */
  readonly own: number;
}

/** Null where the kernel does not tell. */
export async function readCpuTimes(root: string, pids: readonly number[]): Promise<CpuTimes | null> {
  const total = (await readFile(join(root, "stat"), "utf8").catch(() => "")).split("\n")[0] ?? "";
  const ticks = total.trim().split(/\s+/).slice(1, 9).map(Number);
  if (ticks.length < 5 || ticks.some((one) => !Number.isFinite(one))) return null;
  const all = ticks.reduce((sum, one) => sum + one, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  const own = await Promise.all(pids.map((pid) => processTicks(root, pid)));
  return { all, busy: all - idle, own: own.reduce((sum, one) => sum + one, 0) };
}

/** The share of all cores that others took between two readings, 0 to 1. Pure. */
export function othersShare(before: CpuTimes, after: CpuTimes): number {
  const all = after.all - before.all;
  if (all <= 0) return 0;
  const others = after.busy - before.busy - Math.max(0, after.own - before.own);
  return Math.min(1, Math.max(0, others / all));
}

export const isBusyWithOthers = (share: number): boolean => share > OTHERS_SHARE_MAX;

/** Whether somebody typed at a terminal a moment ago. Null: there is none. @param root  where devices are, /dev */
export async function wasTouched(root: string, now: number): Promise<boolean | null> {
  const terminals = await readdir(join(root, "pts")).catch(() => []);
  const paths = terminals.filter((name) => /^\d+$/.test(name)).map((name) => join(root, "pts", name));
  const times = await Promise.all(paths.slice(0, TERMINALS_MAX).map((path) => stat(path).catch(() => null)));
  const seen = times.flatMap((time) => (time === null ? [] : [time.atimeMs]));
  return seen.length === 0 ? null : seen.some((at) => now - at < TOUCHED_MS);
}

/** The process itself and the children it waited for. A process that ended counts as nothing. */
async function processTicks(root: string, pid: number): Promise<number> {
  const text = await readFile(join(root, String(pid), "stat"), "utf8").catch(() => "");
  // The second field is a name in brackets, which may hold spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [user = 0, system = 0] = fields.slice(11, 13).map(Number);
  return Number.isFinite(user + system) ? user + system : 0;
}

/** The processes that this one started, and theirs. */
export async function childrenOf(root: string, pid: number): Promise<number[]> {
  const found = [pid];
  for (const one of found) {
    const threads = await readdir(join(root, String(one), "task")).catch(() => []);
    const lists = await Promise.all(
      threads.map((thread) => readFile(join(root, String(one), "task", thread, "children"), "utf8").catch(() => "")),
    );
    for (const child of lists.join(" ").split(/\s+/).map(Number))
      if (child > 0 && !found.includes(child) && found.length < TERMINALS_MAX) found.push(child);
  }
  return found;
}
