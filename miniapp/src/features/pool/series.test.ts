import { expect, test } from "vitest";
import type { PoolDay } from "@starai/protocol/pool-history";
import { byHour, most, total } from "./series.ts";

/** A day that ends at 18:30 with data only for these minutes before its end. */
function dayWith(kept: Record<number, { speed: number; workers: number; answers: number }>): PoolDay {
  const column = (name: "speed" | "workers" | "answers") =>
    Array.from({ length: 1_440 }, (_, minute) => kept[1_439 - minute]?.[name] ?? null);
  return {
    from: Date.parse("2026-11-24T18:31:00Z") / 1_000,
    tokensPerS: column("speed"),
    workers: column("workers"),
    answers: column("answers"),
    queued: column("answers"),
    load: column("answers"),
  };
}

test("an hour has the mean speed of its recorded minutes, the most workers and all answers; empty hours are left out", () => {
  const day = dayWith({
    0: { speed: 10, workers: 1, answers: 2 },
    1: { speed: 0, workers: 3, answers: 1 },
    150: { speed: 1, workers: 2, answers: 1 },
  });
  expect(byHour(day)).toEqual([
    { at: new Date("2026-11-25T18:00:00Z"), tokensPerS: 5, workersMost: 3, answers: 3 },
    { at: new Date("2026-11-25T16:00:00Z"), tokensPerS: 1, workersMost: 2, answers: 1 },
  ]);
  expect([most(day.workers), total(day.answers)]).toEqual([3, 4]);
});

test("a day without data has no hours, and its maximum and total are zero", () => {
  const day = dayWith({});
  expect([byHour(day), most(day.workers), total(day.answers)]).toEqual([[], 0, 0]);
});
