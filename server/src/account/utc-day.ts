/** UTC days, which allowances and caps count by. */
const DAY_MS = 86_400_000;

/** YYYY-MM-DD. */
export function utcDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** When the next one begins. */
export function nextUtcDay(ms: number): Date {
  return new Date((Math.floor(ms / DAY_MS) + 1) * DAY_MS);
}
