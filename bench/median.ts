/** The middle value; of an even count the upper of the two, so that it is always a value that occurred. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("a median needs at least one value");
  return middle;
}
