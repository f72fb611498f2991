/** Where an answer ends by the caller's own words, and how much of it may be shown before that is known. */

/**
 * Where the text ends: the start of the stop string that is whole first, at or after `from`; -1 when there is none.
 * Which one is whole first, and not which one begins first, does not depend on how a stream is cut into pieces.
 * Of two that end at one place the longer counts.
 */
export function stopAt(text: string, stops: readonly string[], from = 0): number {
  let start = -1;
  let end = Infinity;
  for (const stop of stops) {
    const at = text.indexOf(stop, from);
    if (at < 0) continue;
    if (at + stop.length < end || (at + stop.length === end && at < start)) {
      start = at;
      end = at + stop.length;
    }
  }
  return start;
}

/** Characters at the end of the text that could be the beginning of a stop string, so must not be shown yet. */
export function heldBack(text: string, stops: readonly string[]): number {
  let held = 0;
  for (const stop of stops) {
    for (let size = Math.min(stop.length - 1, text.length); size > held; size--) {
      if (text.endsWith(stop.slice(0, size))) held = size;
    }
  }
  return held;
}
