import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { appendOlder, mergeNewest } from "../../data/merge-newest.ts";
import { groupByDay } from "./group-by-day.ts";

interface Row {
  id: string;
  updatedAt: string;
  pinned: boolean;
}

const PAGE = 5;

/** A page as the server returns it: pinned rows first, then the newest, `PAGE` rows, with a cursor of time and id. */
function pageOf(all: Row[], before: string | null) {
  const keyOf = (row: Row) => `${row.updatedAt} ${row.id}`;
  const sorted = all.toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || (keyOf(a) < keyOf(b) ? 1 : -1));
  const rest = before === null ? sorted : sorted.filter((row) => !row.pinned && keyOf(row) < before);
  const threads = rest.slice(0, PAGE);
  const last = threads.at(-1);
  return { threads, before: rest.length > PAGE && last !== undefined ? keyOf(last) : null };
}

const row = (days: number, pinned = false) => ({
  updatedAt: new Date(2026, 10, 25 - days, 9).toISOString(),
  pinned,
});

describe("the list of threads", () => {
  const time = fc.integer({ min: 0, max: 10_000 }).map((minute) => new Date(minute * 60_000).toISOString());
  const moves = fc.array(
    fc.record({ index: fc.nat(), what: fc.constantFrom("said" as const, "deleted" as const, "pinned" as const) }),
    { maxLength: 8 },
  );

  test("equals the server's list when it is scrolled to its end and refreshed after each change", () => {
    fc.assert(
      fc.property(fc.uniqueArray(time, { maxLength: 30 }), moves, (times, changes) => {
        let all: Row[] = times.map((updatedAt, id) => ({ id: String(id).padStart(3, "0"), updatedAt, pinned: false }));
        let list = pageOf(all, null);
        while (list.before !== null) list = appendOlder(list, pageOf(all, list.before));
        changes.forEach(({ index, what }, turn) => {
          const row = all[index % Math.max(1, all.length)];
          if (row === undefined) return;
          // Fewer than a page can be pinned.
          const pinned = !row.pinned && all.filter((other) => other.pinned).length < PAGE - 1;
          all = all.filter((other) => other !== row);
          if (what === "deleted") list = { ...list, threads: list.threads.filter(({ id }) => id !== row.id) };
          else if (what === "pinned") all.push({ ...row, pinned });
          else all.push({ ...row, updatedAt: new Date((20_000 + turn) * 60_000).toISOString() });
          list = mergeNewest(list, pageOf(all, null));
        });
        const inOrder = (a: Row, b: Row) => Number(b.pinned) - Number(a.pinned) || (a.updatedAt < b.updatedAt ? 1 : -1);
        expect(list.threads).toEqual(all.toSorted(inOrder));
      }),
    );
  });

  test("is grouped in its own order, each day once, with the pinned rows on top", () => {
    const now = new Date(2026, 10, 25, 18);
    const rows = [row(3, true), row(0, true), ...[0, 0, 1, 2, 40].map((days) => row(days))];
    expect(groupByDay(rows, now, "en").map(({ heading, rows: { length } }) => [heading, length])).toEqual([
      [null, 2],
      ["Today", 2],
      ["Yesterday", 1],
      ["Monday", 1],
      ["October", 1],
    ]);
    expect(groupByDay([], now, "en")).toEqual([]);
  });
});
