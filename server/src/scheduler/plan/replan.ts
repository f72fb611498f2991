/**
 * A new plan after one loss that leaves what is loaded where it is. First nobody moves and the flow takes other ways. Then layers that
 * are short are put on machines that are free, or whose own layers others hold enough of, and on neighbours' free memory: the
 * repair that moves the fewest bytes of those that carry as much as is wanted.
 */
import { coverage, heights } from "./coverage.ts";
import { flowOf } from "./flow.ts";
import { layersMax } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";

export interface Resident {
  /** What each machine has loaded now; null where it has nothing. */
  readonly placement: Placement;
  readonly lost: number;
  /** Enough: nothing more is moved once it is carried. */
  readonly tokensPerS: number;
}

export interface Replan {
  readonly placement: Placement;
  readonly tokensPerS: number;
  /** Layers that are fetched by somebody. */
  readonly movedLayers: number;
}

/** A repair touches so many machines at most; what needs more is planned anew in peace. */
const MOVES_MAX = 4;

interface Repair {
  readonly lost: number;
  readonly tokensPerS: number;
}

export function replanAfterLoss(problem: PlanProblem, { placement, lost, tokensPerS }: Resident): Replan | null {
  const now = placement.map((range, at) => (at === lost ? null : range));
  const still: Replan = { placement: now, tokensPerS: carriedFor(problem, now, tokensPerS), movedLayers: 0 };
  if (still.tokensPerS >= tokensPerS) return still;
  const repair = { lost, tokensPerS };
  const one = leastMove(problem, now, repair);
  const several = severalMoves(problem, still, repair);
  if (one && (several.tokensPerS < tokensPerS || one.movedLayers <= several.movedLayers)) return one;
  const carried = flowOf(problem, several.placement).tokensPerS;
  return carried > 0 ? { ...several, tokensPerS: carried } : null;
}

/** What heights alone leave short of what is wanted, no route can carry: a flow is then not worth its time. */
function carriedFor(problem: PlanProblem, placement: Placement, tokensPerS: number): number {
  const height = coverage(problem, placement);
  return height < tokensPerS ? height : flowOf(problem, placement).tokensPerS;
}

function severalMoves(problem: PlanProblem, still: Replan, repair: Repair): Replan {
  let best = still;
  for (let moves = 0; moves < MOVES_MAX && best.tokensPerS < repair.tokensPerS; moves++) {
    const next = bestMove(problem, best, repair);
    if (next === null) break;
    best = next;
  }
  return best;
}

/** Layers of `next` that are not among those of `was`. */
export function movedLayers(was: LayerRange | null, next: LayerRange | null): number {
  if (next === null) return 0;
  const kept = was === null ? 0 : Math.max(0, Math.min(was.to, next.to) - Math.max(was.from, next.from));
  return next.to - next.from - kept;
}

interface Repair {
  readonly lost: number;
  readonly tokensPerS: number;
}

/** Of every range of every machine that would do alone, the one with the fewest layers to fetch; links are looked at last. */
function leastMove(problem: PlanProblem, now: Placement, { lost, tokensPerS }: Repair): Replan | null {
  const found: MoveFound[] = [];
  for (const move of everyMove(problem, now, lost)) if (move.covered >= tokensPerS) found.push(move);
  found.sort((a, b) => a.moved - b.moved || a.at - b.at || a.range.from - b.range.from);
  for (const move of found.slice(0, FLOWS_MAX)) {
    const placement = now.map((range, at) => (at === move.at ? move.range : range));
    const carried = flowOf(problem, placement).tokensPerS;
    if (carried >= tokensPerS * (1 - 1e-9)) return { placement, tokensPerS: carried, movedLayers: move.moved };
  }
  return null;
}

/** A flow takes some hundred microseconds. */
const FLOWS_MAX = 20;

/** The move that brings the most for each layer that is fetched. */
function bestMove(problem: PlanProblem, before: Replan, { lost, tokensPerS }: Repair): Replan | null {
  let best: MoveFound | null = null;
  let most = 0;
  for (const move of everyMove(problem, before.placement, lost, tokensPerS)) {
    const each = move.gained / (move.moved + 1);
    if (each > most * (1 + 1e-9)) [best, most] = [move, each];
  }
  if (best === null) return null;
  const { at, range, moved } = best;
  const placement = before.placement.map((was, node) => (node === at ? range : was));
  return { placement, tokensPerS: carriedFor(problem, placement, tokensPerS), movedLayers: before.movedLayers + moved };
}

interface MoveFound {
  readonly at: number;
  readonly range: LayerRange;
  readonly moved: number;
  /** The lowest height after it. */
  readonly covered: number;
  /** By how much less layers are short of the aim together. */
  readonly gained: number;
}

function* everyMove(problem: PlanProblem, now: Placement, lost: number, aim = 0): Generator<MoveFound> {
  const { layers, nodes } = problem;
  const height = heights(problem, now);
  const short = shortOf(height, aim);
  for (const [at, node] of nodes.entries()) {
    if (at === lost) continue;
    const was = now[at]!;
    const speed = was ? node.speeds[was.to - was.from]! : 0;
    put(height, was, -speed);
    const own = short - shortOf(height, aim);
    const [before, after] = leastBeforeAndAfter(height);
    for (let from = 0; from < layers; from++) {
      let least = Number.POSITIVE_INFINITY;
      for (let k = 1; k <= layersMax(node) && from + k <= layers; k++) {
        least = Math.min(least, height[from + k - 1]!);
        if (was && was.from === from && was.to === from + k) continue;
        const range = { from, to: from + k };
        const covered = Math.min(least + node.speeds[k]!, before[from]!, after[range.to]!);
        const gained = own + (aim > 0 ? gainOf(height, range, { speed: node.speeds[k]!, aim }) : 0);
        yield { at, range, moved: movedLayers(was, range), covered, gained };
      }
    }
    put(height, was, speed);
  }
}

/** The lowest height before each layer, and from it on. */
function leastBeforeAndAfter(height: Float64Array): [Float64Array, Float64Array] {
  const before = new Float64Array(height.length + 1).fill(Number.POSITIVE_INFINITY);
  const after = before.slice();
  for (let at = 0; at < height.length; at++) before[at + 1] = Math.min(before[at]!, height[at]!);
  for (let at = height.length - 1; at >= 0; at--) after[at] = Math.min(after[at + 1]!, height[at]!);
  return [before, after];
}

function gainOf(
  height: Float64Array,
  { from, to }: LayerRange,
  { speed, aim }: { speed: number; aim: number },
): number {
  let gained = 0;
  for (let layer = from; layer < to; layer++) gained += Math.min(speed, Math.max(0, aim - height[layer]!));
  return gained;
}

function put(height: Float64Array, range: LayerRange | null, speed: number): void {
  if (range) for (let layer = range.from; layer < range.to; layer++) height[layer]! += speed;
}

const shortOf = (height: Float64Array, aim: number): number =>
  height.reduce((sum, each) => sum + Math.max(0, aim - each), 0);
