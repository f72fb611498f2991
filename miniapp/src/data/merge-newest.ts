/** The list of threads as far as it was scrolled, kept up to date by fetching only its newest page. */

export interface ThreadPage<Row> {
  threads: Row[];
  /** Cursor of the next page; null on the last. */
  before: string | null;
}

/**
 * The newest page is authoritative for the time it spans: a known row in that span that it omits is gone or has moved.
 * Older rows stay as they were, so 2,000 threads cost one request per change, not forty. All pinned rows come first and
 * are on that page: a row that was pinned and is not on it any more returns to its place by time.
 */
export function mergeNewest<Row extends { id: string; updatedAt: string; pinned: boolean }>(
  known: ThreadPage<Row> | undefined,
  newest: ThreadPage<Row>,
): ThreadPage<Row> {
  const oldest = newest.threads.at(-1);
  if (known === undefined || newest.before === null || oldest === undefined) return newest;
  const named = new Set(newest.threads.map(({ id }) => id));
  const older = known.threads
    .filter(({ id, updatedAt }) => !named.has(id) && updatedAt <= oldest.updatedAt)
    .map((row) => (row.pinned ? { ...row, pinned: false } : row))
    .toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : a.updatedAt > b.updatedAt ? -1 : 0));
  return older.length === 0 ? newest : { threads: [...newest.threads, ...older], before: known.before };
}

/** Appends an older page to the list; a row that moved up meanwhile is not shown twice. */
export function appendOlder<Row extends { id: string }>(
  known: ThreadPage<Row> | undefined,
  older: ThreadPage<Row>,
): ThreadPage<Row> {
  const named = new Set(known?.threads.map(({ id }) => id));
  return {
    threads: [...(known?.threads ?? []), ...older.threads.filter(({ id }) => !named.has(id))],
    before: older.before,
  };
}
