/** Finds where a stop string ends an answer, and how much text can be shown before that is known. */

/**
 * Start of the stop string that is completed first, at or after `from`; -1 without one. The first one completed, unlike
 * the first one started, does not depend on how the stream is cut. Of two that end at the same place the longer counts.
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

/** Number of characters at the end of the text that may start a stop string and must not be shown yet. */
export function heldBack(text: string, stops: readonly string[]): number {
  let held = 0;
  for (const stop of stops) {
    for (let size = Math.min(stop.length - 1, text.length); size > held; size--) {
      if (text.endsWith(stop.slice(0, size))) held = size;
    }
  }
  return held;
}
