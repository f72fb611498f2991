/** The middle value; of an even count the upper of the two, so that it is always a value that occurred. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("a median needs at least one value");
  return middle;
}

/**
 * The interval that holds the median with 95 % certainty, whatever the distribution: between two of the sorted values.
 * Of fewer than six values it is all of them, and holds it less surely.
 */
export function medianInterval(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (least === undefined || most === undefined) throw new Error("an interval needs at least one value");
  // How likely at most `below` of the values lie under the median.
  let [likely, below, term] = [0, 0, 0.5 ** sorted.length];
  while (likely + term <= 0.025) {
    likely += term;
    term *= (sorted.length - below) / (below + 1);
    below += 1;
  }
  const at = Math.max(0, below - 1);
  return [sorted[at] ?? least, sorted[sorted.length - 1 - at] ?? most];
}
