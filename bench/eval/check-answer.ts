/** How a scenario judges an answer: patterns that must and must not appear, and numbers read as people write them. */

/** One thing an answer must say. */
export type Expectation = RegExp | { number: number; tolerance: number };

/** Expects a number, by default within a thousandth of its value. */
export const number = (value: number, tolerance = Math.abs(value) * 0.001 + 1e-9): Expectation => ({
  number: value,
  tolerance,
});

export function satisfies(answer: string, expectation: Expectation): boolean {
  if (expectation instanceof RegExp) return expectation.test(answer);
  return numbersIn(answer).some((n) => Math.abs(n - expectation.number) <= expectation.tolerance);
}

/** Every number of a text: `1,234.5`, `1 234,5`, `1.234,50`, `12.7`; a comma is read both ways where both are possible. */
export function numbersIn(text: string): number[] {
  const plain = text
    .replace(/[\u00a0\u202f\u2009]/gu, " ")
    .replace(/(?<=\d)[ ](?=\d{3}(?!\d))/gu, "")
    .replace(/−/gu, "-");
  return [...plain.matchAll(/-?\d+(?:[.,]\d+)*/gu)].flatMap(([match]) => {
    const readings = [
      Number(match.replaceAll(",", "")),
      Number(match.replaceAll(".", "").replace(",", ".")),
      Number(match.replace(",", ".")),
    ];
    return readings.filter((n) => Number.isFinite(n)).flatMap((n) => [n, Math.abs(n)]);
  });
}
