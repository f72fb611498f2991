import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NO_HISTORY, WorkerRecord } from "./worker-record.ts";

const stranger = () => new WorkerRecord(NO_HISTORY, 0);
const known = (completed: number) =>
  new WorkerRecord({ ...NO_HISTORY, completed, score: { good: completed, bad: 0 } }, 0);
const MINUTE = 60_000;

describe("a stranger", () => {
  test("is tried with two leases and gets one more for each it finishes", () => {
    const record = stranger();
    expect(record.leasesMax).toBe(2);
    record.answered(0);
    expect(record.leasesMax).toBe(3);
  });

  test("is paused at its first failure, and for twice as long at each further one", () => {
    const record = stranger();
    const pauses = [0, 1, 2].map((minute) => record.faulted("stalled", minute * MINUTE)?.ms);
    expect(pauses).toEqual([10_000, 20_000, 40_000]);
    expect(record.pausedUntil).toBe(2 * MINUTE + 40_000);
    expect(record.pauseReason).toBe("3 leases in a row ended without an answer, the last: stalled");
  });

  test("cannot become proven by failing as often as it answers", () => {
    const record = stranger();
    for (let times = 0; times < 3; times++) record.answered(0);
    expect(record.proven).toBe(true);
    for (let times = 1; times <= 3; times++) record.faulted("false frame", times * MINUTE);
    expect(record.proven).toBe(false);
  });
});

describe("a machine with a record", () => {
  test("may fail once without a pause, and an answer sets its failures back", () => {
    const record = known(5);
    expect(record.faulted("connection_closed", 0)).toBeNull();
    record.answered(0);
    expect(record.faulted("connection_closed", MINUTE)).toBeNull();
    expect(record.faulted("connection_closed", 2 * MINUTE)?.ms).toBe(20_000);
  });

  test("whose wire breaks under eight leases has failed once, not eight times in a row", () => {
    const record = known(5);
    const pauses = Array.from({ length: 8 }, (_, lease) => record.faulted("connection_closed", lease));
    expect(pauses.every((pause) => pause === null)).toBe(true);
    expect(record).toMatchObject({ failed: 8, failedInRow: 1, pauses: 0 });
  });

  test("that fails all the time is paused, however quickly its failures follow each other", () => {
    const record = known(5);
    const pauses = [0, 600, 1_200].map((now) => record.faulted("engine_crashed", now)?.ms);
    expect(pauses).toEqual([undefined, undefined, 20_000]);
  });

  test("may refuse two leases in a row, not three", () => {
    const record = known(5);
    expect([1, 2].map(() => record.refused("busy", 0))).toEqual([null, null]);
    expect(record.refused("busy", 0)?.reason).toContain("3 leases in a row were refused");
  });
});

test("that breaks its form three times in a row gets no forms, for longer each time; keeping one resets that", () => {
  const record = stranger();
  const leave = (now: number) => {
    for (let times = 0; times < 3; times++) record.leftForm("m", now);
  };
  record.leftForm("m", 0);
  record.leftForm("m", 0);
  expect(record.keepsForms("m", 0)).toBe(true);
  record.leftForm("m", 0);
  expect([record.keepsForms("m", 10 * MINUTE - 1), record.keepsForms("m", 10 * MINUTE)]).toEqual([false, true]);
  expect(record.keepsForms("another", 0)).toBe(true);
  leave(10 * MINUTE);
  expect([record.keepsForms("m", 29 * MINUTE), record.keepsForms("m", 30 * MINUTE)]).toEqual([false, true]);
  record.keptForm("m");
  record.leftForm("m", 30 * MINUTE);
  expect(record.keepsForms("m", 30 * MINUTE)).toBe(true);
  expect(record).toMatchObject({ failed: 0, pauses: 0, pausedUntil: null });
});

test("no pause is longer than an hour, and it is restored from the database as it was", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (failures) => {
      const record = stranger();
      for (let times = 0; times < failures; times++) record.faulted("stalled", times * MINUTE);
      const now = failures * MINUTE;
      const left = record.pausedForMs(now);
      expect(left).toBeLessThanOrEqual(60 * MINUTE);
      const { completed, failed, failedInRow, pauses, pauseReason } = record;
      const history = { completed, failed, failedInRow, pauses, pauseReason, pausedForMs: left };
      const again = new WorkerRecord({ ...NO_HISTORY, ...history, score: record.score(now) }, 5);
      expect(again.pausedForMs(5)).toBe(left);
    }),
  );
});

describe("reputation", () => {
  const DAY = 24 * 60 * MINUTE;

  test("counts half as much a week later, good and bad alike, and is the same in one step or in many", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.integer({ min: 1, max: 30 }), (good, bad, days) => {
        const record = new WorkerRecord({ ...NO_HISTORY, score: { good, bad } }, 0);
        const left = 0.5 ** (days / 7);
        for (let day = 1; day < days; day++) record.score(day * DAY);
        const score = record.score(days * DAY);
        expect(score.good).toBeCloseTo(good * left, 9);
        expect(score.bad).toBeCloseTo(bad * left, 9);
      }),
    );
  });

  test("of a machine that was repaired recovers within weeks, and does not without work", () => {
    const record = new WorkerRecord({ ...NO_HISTORY, completed: 10, score: { good: 10, bad: 30 } }, 0);
    expect(record.proven).toBe(false);
    record.score(365 * DAY);
    expect(record.proven).toBe(false);
    for (let times = 0; times < 5; times++) record.answered(28 * DAY);
    expect(record.proven).toBe(true);
  });

  test("of long ago does not outweigh failing now", () => {
    const record = new WorkerRecord({ ...NO_HISTORY, completed: 1_000, score: { good: 1_000, bad: 0 } }, 0);
    for (let times = 0; times < 3; times++) record.faulted("stalled", 70 * DAY + times * MINUTE);
    expect(record.proven).toBe(false);
  });
});
