/** The pool's last day as rows for a table. */
import type { PoolDay } from "@starai/protocol/pool-history";

export interface Hour {
  at: Date;
  /** The mean over the recorded minutes. */
  tokensPerS: number;
  workersMost: number;
  answers: number;
}

/** Whole hours, newest first; hours without a recorded minute are left out. */
export function byHour({ from, tokensPerS, workers, answers }: PoolDay): Hour[] {
  const hours = new Map<number, { speeds: number[]; workersMost: number; answers: number }>();
  tokensPerS.forEach((speed, minute) => {
    if (speed === null) return;
    const start = Math.floor((from + minute * 60) / 3_600) * 3_600;
    const hour = hours.get(start) ?? { speeds: [], workersMost: 0, answers: 0 };
    hours.set(start, {
      speeds: [...hour.speeds, speed],
      workersMost: Math.max(hour.workersMost, workers[minute] ?? 0),
      answers: hour.answers + (answers[minute] ?? 0),
    });
  });
  return [...hours].reverse().map(([start, { speeds, workersMost, answers }]) => ({
    at: new Date(start * 1_000),
    tokensPerS: speeds.reduce((sum, speed) => sum + speed, 0) / speeds.length,
    workersMost,
    answers,
  }));
}

/** The largest recorded value; 0 without any. */
export function most(values: readonly (number | null)[]): number {
  return values.reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
}

/** The sum of the recorded values. */
export function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
