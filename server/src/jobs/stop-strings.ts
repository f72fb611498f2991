/** Where an answer ends by the caller's own words, and how much of it may be shown before that is known. */

/** Index of the first stop string in the text, at or after `from`; -1 when there is none. */
export function stopAt(text: string, stops: readonly string[], from = 0): number {
  const found = stops.map((stop) => text.indexOf(stop, from)).filter((index) => index >= 0);
  return found.length === 0 ? -1 : Math.min(...found);
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
