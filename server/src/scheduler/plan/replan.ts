/**
 * A new plan after one loss that leaves what is loaded where it is. First nobody moves and the flow takes other ways. Then layers that
 * are short are put on machines that are free, or whose own layers others hold enough of, and on neighbours' free memory: the
 * repair that moves the fewest bytes of those that carry as much as is wanted.
 */
import { heights } from "./coverage.ts";
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

export function replanAfterLoss(problem: PlanProblem, { placement, lost, tokensPerS }: Resident): Replan | null {
  const now = placement.map((range, at) => (at === lost ? null : range));
  let best: Replan = { placement: now, tokensPerS: flowOf(problem, now).tokensPerS, movedLayers: 0 };
  if (best.tokensPerS >= tokensPerS) return best;
  const one = leastMove(problem, now, { lost, tokensPerS });
  if (one) return one;
  for (let moves = 0; moves < MOVES_MAX && best.tokensPerS < tokensPerS; moves++) {
    const next = bestMove(problem, best, { lost, tokensPerS });
    if (next === null) break;
    best = next;
  }
  return best.tokensPerS > 0 ? best : null;
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

/** Every range of every machine that would do alone, the fewest layers first; links are looked at last. */
function leastMove(problem: PlanProblem, now: Placement, { lost, tokensPerS }: Repair): Replan | null {
  const found = everyMove(problem, now, lost).filter(({ covered }) => covered >= tokensPerS);
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
  const short = shortOf(heights(problem, before.placement), tokensPerS);
  const moves = everyMove(problem, before.placement, lost, tokensPerS).filter((move) => move.short < short);
  moves.sort((a, b) => (short - b.short) / (b.moved + 1) - (short - a.short) / (a.moved + 1) || a.at - b.at);
  const move = moves[0];
  if (!move) return null;
  const placement = before.placement.map((range, at) => (at === move.at ? move.range : range));
  return { placement, tokensPerS: flowOf(problem, placement).tokensPerS, movedLayers: before.movedLayers + move.moved };
}

interface MoveFound {
  readonly at: number;
  readonly range: LayerRange;
  readonly moved: number;
  readonly covered: number;
  readonly short: number;
}

function everyMove(problem: PlanProblem, now: Placement, lost: number, aim = 0): MoveFound[] {
  const { layers, nodes } = problem;
  const height = heights(problem, now);
  const found: MoveFound[] = [];
  for (const [at, node] of nodes.entries()) {
    if (at === lost) continue;
    const was = now[at]!;
    put(height, was, was ? -node.speeds[was.to - was.from]! : 0);
    for (let k = Math.min(layersMax(node), layers); k > 0; k--) {
      for (let from = 0; from + k <= layers; from++) {
        const range = { from, to: from + k };
        const moved = movedLayers(was, range);
        if (moved === 0 && was?.from === from && was.to === range.to) continue;
        put(height, range, node.speeds[k]!);
        const covered = height.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
        found.push({ at, range, moved, covered, short: aim > 0 ? shortOf(height, aim) : 0 });
        put(height, range, -node.speeds[k]!);
      }
    }
    put(height, was, was ? node.speeds[was.to - was.from]! : 0);
  }
  return found;
}

function put(height: Float64Array, range: LayerRange | null, speed: number): void {
  if (range) for (let layer = range.from; layer < range.to; layer++) height[layer]! += speed;
}

const shortOf = (height: Float64Array, aim: number): number => height.reduce((sum, each) => sum + Math.max(0, aim - each), 0);
