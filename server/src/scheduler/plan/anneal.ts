/**
 * Places hundreds of nodes: each takes as many layers as are worth most under the bound, the tallest first where the stack is lowest;
 * then random moves fill what is short of the bound (simulated annealing). Only machines' speeds count here, not links.
 */
import { heights } from "./coverage.ts";
import { layersMax } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";

/** The heights to be reached, which nodes may be moved, and how long it may take. */
export interface Annealing {
  /** What each layer should have: the bound. */
  readonly aim: number;
  readonly moves: number;
  /** Numbers from 0 up to 1; the same ones give the same placement. */
  readonly draw: () => number;
}

/** @returns the nodes' first places, the best use of each under the aim, lowest stacks first */
export function placeByBound(problem: PlanProblem, aim: number): Placement {
  const { layers, nodes } = problem;
  const height = new Float64Array(layers);
  const placement: (LayerRange | null)[] = nodes.map(() => null);
  const uses = nodes.map((node, at) => ({ at, k: bestUse(node.speeds, { aim, layers }) }));
  const speedOf = ({ at, k }: { at: number; k: number }): number => Math.min(nodes[at]!.speeds[k] ?? 0, aim);
  uses.sort((a, b) => speedOf(b) - speedOf(a) || a.at - b.at);
  for (const { at, k } of uses) {
    if (k === 0) continue;
    const from = lowestWindow(height, k);
    placement[at] = { from, to: from + k };
    for (let layer = from; layer < from + k; layer++) height[layer]! += nodes[at]!.speeds[k]!;
  }
  return placement;
}

/** The most layers × tokens per second; of equal ones the fewest layers. */
function bestUse(speeds: readonly number[], { aim, layers }: { aim: number; layers: number }): number {
  let best = 0;
  let most = 0;
  for (let k = 1; k < speeds.length && k <= layers; k++) {
    const area = k * Math.min(speeds[k]!, aim);
    if (area > most * (1 + 1e-9)) [best, most] = [k, area];
  }
  return best;
}

/** Where the mean and the most of what is there already are least. */
function lowestWindow(height: Float64Array, k: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let from = 0; from + k <= height.length; from++) {
    let [sum, most] = [0, 0];
    for (let layer = from; layer < from + k; layer++) {
      sum += height[layer]!;
      most = Math.max(most, height[layer]!);
    }
    const score = most / 2 + sum / k / 2;
    if (score < least) [best, least] = [from, score];
  }
  return best;
}

/** @returns the best placement that was seen: never one that covers less than the first */
export function anneal(problem: PlanProblem, first: Placement, { aim, moves, draw }: Annealing): Placement {
  const { layers, nodes } = problem;
  const ranges = first.map((range) => range && { ...range });
  const height = heights(problem, first);
  const missing = (at: number): number => Math.max(0, 1 - height[at]! / aim) ** 3;
  let best = ranges.map((range) => range && { ...range });
  let most = leastOf(height);
  const placed = nodes.flatMap((node, at) => (layersMax(node) > 0 ? [at] : []));
  let lowest = lowestLayer(height);
  for (let move = 0; move < moves; move++) {
    const at = placed[Math.floor(draw() * placed.length)]!;
    const was = ranges[at]!;
    const next = moved(was, { node: nodes[at]!.speeds, layers, lowest, draw });
    // Cools from accepting a layer that misses a third of the bound to accepting none that misses a hundredth.
    const heat = 1e-2 * 1e-5 ** (move / moves);
    const cost = changeOf({ was, next, height, speeds: nodes[at]!.speeds, missing });
    if (cost > 0 && draw() >= Math.exp(-cost / heat)) undo({ was, next, height, speeds: nodes[at]!.speeds });
    else ranges[at] = next;
    if (move % CHECK_MOVES !== 0) continue;
    lowest = lowestLayer(height);
    if (height[lowest]! <= most) continue;
    most = height[lowest]!;
    best = ranges.map((range) => range && { ...range });
  }
  return best;
}

/** Looking for the lowest layer costs as much as several moves. */
const CHECK_MOVES = 25;

interface Move {
  readonly was: LayerRange | null;
  readonly next: LayerRange | null;
  readonly height: Float64Array;
  readonly speeds: readonly number[];
}

/** Makes the move on the heights. @returns by how much more is missing after it */
function changeOf({ was, next, height, speeds, missing }: Move & { missing: (at: number) => number }): number {
  let before = 0;
  let after = 0;
  for (const range of [was, next]) {
    if (range) for (let layer = range.from; layer < range.to; layer++) before += missing(layer);
  }
  const shared = overlap(was, next);
  if (shared) for (let layer = shared.from; layer < shared.to; layer++) before -= missing(layer);
  put(was, -1, height, speeds);
  put(next, 1, height, speeds);
  for (const range of [was, next]) {
    if (range) for (let layer = range.from; layer < range.to; layer++) after += missing(layer);
  }
  if (shared) for (let layer = shared.from; layer < shared.to; layer++) after -= missing(layer);
  return after - before;
}

function undo({ was, next, height, speeds }: Move): void {
  put(next, -1, height, speeds);
  put(was, 1, height, speeds);
}

function put(range: LayerRange | null, sign: number, height: Float64Array, speeds: readonly number[]): void {
  if (range === null) return;
  const speed = sign * speeds[range.to - range.from]!;
  for (let layer = range.from; layer < range.to; layer++) height[layer]! += speed;
}

function overlap(a: LayerRange | null, b: LayerRange | null): LayerRange | null {
  if (a === null || b === null) return null;
  const [from, to] = [Math.max(a.from, b.from), Math.min(a.to, b.to)];
  return from < to ? { from, to } : null;
}

/** Up or down by up to three layers, over the lowest layer, or with another number of layers. */
function moved(
  was: LayerRange | null,
  { node, layers, lowest, draw }: { node: readonly number[]; layers: number; lowest: number; draw: () => number },
): LayerRange {
  const most = Math.min(node.length - 1, layers);
  let k = was ? was.to - was.from : most;
  let from = was?.from ?? lowest;
  const kind = draw();
  if (was === null || kind < 0.2) from = lowest - Math.floor(draw() * k);
  else if (kind < 0.7) from += Math.floor(draw() * 7) - 3;
  else {
    const other = Math.min(most, Math.max(1, k + (draw() < 0.5 ? -1 : 1) * (1 + Math.floor(draw() * 2))));
    // At either end, so that the other one stays.
    if (draw() < 0.5) from += k - other;
    k = other;
  }
  from = Math.min(layers - k, Math.max(0, from));
  return { from, to: from + k };
}

function lowestLayer(height: Float64Array): number {
  let lowest = 0;
  for (let layer = 1; layer < height.length; layer++) if (height[layer]! < height[lowest]!) lowest = layer;
  return lowest;
}

const leastOf = (height: Float64Array): number => height[lowestLayer(height)]!;
