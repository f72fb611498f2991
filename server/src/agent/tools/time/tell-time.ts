/** Answers about clocks: the time in a place, and a time of one place converted to another. */
import { findPlace } from "./places.ts";
import type { Place } from "./places.ts";
import { clockText, dayText, instantOf, offsetMinutesAt, offsetName, partOfDay, wallTimeAt } from "./zoned-time.ts";
import { ToolAdvice } from "../tool-advice.ts";

/** Words that models write when the person named no place. */
const HERE =
  /^$|^(?:here|now|today|local|(?:your|my|the user'?s?|current|local|user) ?(?:current )?(?:location|place|city|time|time ?zone|area)|(?:здесь|тут|сейчас|местное время))$/iu;

/** Words that models write around a place: `current time Tokyo`, `Tokyo now`, `Tokyo 8 pm`, `London to 12:00`. */
const BEFORE_PLACE = /^(?:the )?(?:(?:current|local) )?(?:time|clock)(?: (?:now|in|at|of))*\s+(?=\p{L})/iu;
const BEHIND_PLACE = /[\s,]+(?:right now|now|today|currently|сейчас|(?:to\s+)?\d{1,2}(?::\d\d)?(?:\s*[ap]\.?m\.?)?)$/iu;

/** `Tokyo: 23:05 (11:05 PM), Monday, 23 November 2026, UTC+09:00`. Throws ToolAdvice. */
export function tellTime(placeText: string, nowMs: number): string {
  if (HERE.test(placeText.trim()))
    return `${describe({ zone: "UTC", name: "UTC" }, nowMs)} (the person's city is not known)`;
  return describe(placeOf(placeText.replace(BEFORE_PLACE, "").replace(BEHIND_PLACE, "")), nowMs);
}

/** `15:00 London` in New York: today's time at one place as the clocks of another show it. Throws ToolAdvice. */
export function translateTime(
  input: { hour: number; minute: number; from: string; to: string },
  nowMs: number,
): string {
  const [from, to] = [placeOf(input.from), placeOf(input.to)];
  const today = wallTimeAt(nowMs, from.zone);
  const instant = instantOf({ ...today, hour: input.hour, minute: input.minute }, from.zone);
  const hours = (offsetMinutesAt(instant, to.zone) - offsetMinutesAt(instant, from.zone)) / 60;
  const difference =
    hours === 0 ? "the same time" : `${Math.abs(hours)} hours ${hours > 0 ? "ahead of" : "behind"} ${from.name}`;
  return `${clockText(wallTimeAt(instant, from.zone))} in ${from.name} is ${clockText(wallTimeAt(instant, to.zone))} in ${to.name} (${difference})`;
}

function placeOf(text: string): Place {
  const place = findPlace(text);
  if (place === null)
    throw new ToolAdvice(
      `no time zone is known for "${text}"; try the nearest big city, or a zone such as Europe/Paris or UTC+3`,
    );
  return place;
}

function describe(place: Place, nowMs: number): string {
  const wall = wallTimeAt(nowMs, place.zone);
  return `${place.name}: ${clockText(wall)}, ${partOfDay(wall.hour)}, ${dayText(wall)}, ${offsetName(offsetMinutesAt(nowMs, place.zone))}`;
}
