/** A moment at which something begins anew by UTC, in the person's own time: "03:00 (00:00 UTC)". Pure. */
export function resetTime(moment: Date, language: string): string {
  const clock = (timeZone?: string) =>
    new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(
      moment,
    );
  const utc = `${clock("UTC")} UTC`;
  return moment.getTimezoneOffset() === 0 ? utc : `${clock()} (${utc})`;
}
