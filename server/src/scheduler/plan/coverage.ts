/** How much of each layer is there: where no link is short, the least of it is exactly what a placement carries. */
import type { Placement, PlanProblem } from "./problem.ts";

/** @returns tokens per second that hold each layer */
export function heights({ layers, nodes }: PlanProblem, placement: Placement): Float64Array {
  const height = new Float64Array(layers);
  for (const [at, range] of placement.entries()) {
    if (range === null) continue;
    const speed = nodes[at]!.speeds[range.to - range.from] ?? 0;
    for (let layer = range.from; layer < range.to; layer++) height[layer]! += speed;
  }
  return height;
}

/** The lowest height. Every token needs every layer, so nothing carries more; links may let it carry less. */
export function coverage(problem: PlanProblem, placement: Placement): number {
  return heights(problem, placement).reduce((least, height) => Math.min(least, height), Number.POSITIVE_INFINITY);
}
