/** Hours of the day in which a machine works, as its owner writes them: "22-07", "22:30-07:15". Pure; by the local clock. */

export interface Hours {
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
}

const DAY_MINUTES = 24 * 60;

/** Null for what is not two different times of a day with a hyphen between them. */
export function parseHours(text: string): Hours | null {
  const parts = /^(\d{1,2})(?::(\d{2}))?\s*[-–]\s*(\d{1,2})(?::(\d{2}))?$/.exec(text.trim());
  if (!parts) return null;
  const [from, to] = [minutesOf(parts[1], parts[2]), minutesOf(parts[3], parts[4])];
  if (from === null || to === null || from % DAY_MINUTES === to % DAY_MINUTES) return null;
  return { from: from % DAY_MINUTES, to: to % DAY_MINUTES };
}

/** Hours that begin in the evening end on the next day. */
export function isWithin({ from, to }: Hours, at: Date): boolean {
  const now = at.getHours() * 60 + at.getMinutes();
  return from < to ? now >= from && now < to : now >= from || now < to;
}

/** The next time the hours begin: "22:30". */
export function beginWords({ from }: Hours): string {
  return `${String(Math.floor(from / 60)).padStart(2, "0")}:${String(from % 60).padStart(2, "0")}`;
}

function minutesOf(hour = "", minute = "0"): number | null {
  const minutes = Number(hour) * 60 + Number(minute);
  return Number(minute) < 60 && minutes <= DAY_MINUTES ? minutes : null;
}
