/** Threads under the headings of their days. */
import { dayHeading } from "../../lib/when.ts";

export interface Day<Row> {
  heading: string;
  rows: Row[];
}

/** Keeps the order given, newest first: a heading begins where it differs from the one before. */
export function groupByDay<Row extends { updatedAt: string }>(
  rows: readonly Row[],
  now: Date,
  language: string,
): Day<Row>[] {
  const days: Day<Row>[] = [];
  for (const row of rows) {
    const heading = dayHeading(new Date(row.updatedAt), now, language);
    const last = days.at(-1);
    if (last?.heading === heading) last.rows.push(row);
    else days.push({ heading, rows: [row] });
  }
  return days;
}
