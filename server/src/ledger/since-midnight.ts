/**
 * For a `from`: the postings since `$1`, a midnight in UTC. Their table has no index by time. Every posting before a hold
 * was opened has at most the number it keeps, so that of yesterday's last hold says where the day's begin.
 */
export const POSTINGS_SINCE_MIDNIGHT = `(
  select * from ledger_postings where at >= $1::timestamptz and seq > coalesce((
    select max(opened_after) from ledger_holds
    where day < ($1::timestamptz at time zone 'UTC')::date and day >= ($1::timestamptz at time zone 'UTC')::date - 7
  ), 0)
)`;

const DAY_MS = 86_400_000;

/** The midnight in UTC before this time in ms. */
export function midnightBefore(now: number): Date {
  return new Date(now - (now % DAY_MS));
}
