/** Wall-clock time in a zone, both ways, by the platform's own zone data. */

export interface WallTime {
  year: number;
  /** 1–12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
}

/** The wall-clock time of a zone at an instant. `zone` is an IANA name or `+05:30`. */
export function wallTimeAt(instantMs: number, zone: string): WallTime {
  const offset = /^(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d)$/u.exec(zone)?.groups;
  if (offset !== undefined) {
    // Node 20 knows no zones that are bare offsets.
    const minutes = (Number(offset.hours) * 60 + Number(offset.minutes)) * (offset.sign === "-" ? -1 : 1);
    return wallTimeAt(instantMs + minutes * 60_000, "UTC");
  }
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    hourCycle: "h23",
  }).formatToParts(instantMs);
  const part = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return { year: part("year"), month: part("month"), day: part("day"), hour: part("hour"), minute: part("minute") };
}

/** Minutes the zone's clocks are ahead of UTC at an instant. */
export function offsetMinutesAt(instantMs: number, zone: string): number {
  const wall = wallTimeAt(instantMs, zone);
  return Math.round(
    (Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute) - Math.floor(instantMs / 60_000) * 60_000) /
      60_000,
  );
}

/** The instant at which a zone's clocks show this; in the hour that summer time repeats, the later. */
export function instantOf(wall: WallTime, zone: string): number {
  const asUtc = Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute);
  const guess = asUtc - offsetMinutesAt(asUtc, zone) * 60_000;
  return asUtc - offsetMinutesAt(guess, zone) * 60_000;
}

/** `UTC+05:30`. */
export function offsetName(minutes: number): string {
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "-" : "+"}${String(Math.floor(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
}

/** `21:05 (9:05 PM)`: people ask for either. */
export function clockText(wall: WallTime): string {
  const minutes = String(wall.minute).padStart(2, "0");
  const hour12 = wall.hour % 12 === 0 ? 12 : wall.hour % 12;
  return `${String(wall.hour).padStart(2, "0")}:${minutes} (${hour12}:${minutes} ${wall.hour < 12 ? "AM" : "PM"})`;
}

/** `Monday, 23 November 2026`, of a calendar day. */
export function dayText(day: { year: number; month: number; day: number }): string {
  const date = new Date(Date.UTC(day.year, day.month - 1, day.day));
  const weekday = date.toLocaleDateString("en-GB", { weekday: "long", timeZone: "UTC" });
  return `${weekday}, ${date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" })}`;
}

/** What people call this hour of the day. */
export function partOfDay(hour: number): string {
  if (hour < 5 || hour >= 22) return "night";
  return hour < 12 ? "morning" : hour < 18 ? "afternoon" : "evening";
}
