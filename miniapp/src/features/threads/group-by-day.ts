/** Groups threads under the headings of their days, with the pinned ones above them. */
import { dayHeading } from "../../lib/when.ts";

export interface Day<Row> {
  /** Null for the pinned ones. */
  heading: string | null;
  rows: Row[];
}

/** Keeps the given order, newest first: a group starts where the heading changes. */
export function groupByDay<Row extends { updatedAt: string; pinned: boolean }>(
  rows: readonly Row[],
  now: Date,
  language: string,
): Day<Row>[] {
  const days: Day<Row>[] = [];
  for (const row of rows) {
    const heading = row.pinned ? null : dayHeading(new Date(row.updatedAt), now, language);
    const last = days.at(-1);
    if (last !== undefined && last.heading === heading) last.rows.push(row);
    else days.push({ heading, rows: [row] });
  }
  return days;
}
