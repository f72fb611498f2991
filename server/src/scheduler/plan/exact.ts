/** The most that a few nodes can carry, with its proof: none is found by a complete search, or the plan reaches a bound. */
import { areaOf, upperBound } from "./bounds.ts";
import { coverage } from "./coverage.ts";
import { carriedAt, flowOf } from "./flow.ts";
import { placementOf, planGroups } from "./groups.ts";
import { layersMax } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";
import { sweep } from "./sweep.ts";

export interface Solution {
  readonly placement: Placement;
  readonly tokensPerS: number;
  /** No placement carries more than this. */
  readonly boundTokensPerS: number;
}

export const EXACT_NODES_MAX = 12;

/** Relative: two answers nearer than this are the same one. */
const SAME = 1e-9;
/** The proof has the last word: this finds where it begins. */
const BEAM = 20;
const SEARCH_STEPS = 8;
/** Of each layer: a few megabytes. */
const PROOF_BEAM = 1_500;
/** Some tenths of a second; what is not decided until then stays a gap. */
const PROOF_STEPS_MAX = 300_000;
/** The same for branches. */
const VISITS_MAX = 100_000;

export function solveExactly(problem: PlanProblem): Solution | null {
  const bound = upperBound(problem).tokensPerS;
  // The links between regions only lower what can be carried: a proof without them is one with them.
  const merged = { ...problem, nodes: problem.nodes.map((node) => ({ ...node, region: "" })) };
  const search = { bound, beam: BEAM, steps: SEARCH_STEPS };
  let tallest = searchSweep(merged, search);
  if (tallest === null) return null;
  let least = bound;
  for (let floor = coverage(problem, tallest) * (1 + SAME); floor < bound;) {
    const { placement, complete } = sweep(merged, { floor, beam: PROOF_BEAM, proof: true, stepsMax: PROOF_STEPS_MAX });
    if (placement === null) {
      if (complete) least = floor;
      break;
    }
    tallest = placement;
    floor = coverage(problem, placement) * (1 + SAME);
  }
  const height = coverage(problem, tallest);
  const carried = flowOf(problem, tallest).tokensPerS;
  if (carried >= height * (1 - SAME)) {
    return {
      placement: tallest,
      tokensPerS: carried,
      boundTokensPerS: carried >= least * (1 - 3 * SAME) ? carried : least,
    };
  }
  // Links are what is short.
  const groups = planGroups(problem, {
    objective: "throughput",
    tokensPerS: 0,
    secondsPerTokenMax: Number.POSITIVE_INFINITY,
  });
  const best = [groups && placementOf(problem, groups), searchSweep(problem, search)].reduce<Placement>(
    (best, other) => betterOf(problem, best, other)!,
    tallest,
  );
  return new Branches(problem, best, least).run();
}

/** Halves what lies between a placement that was found and a height that was not. */
export function searchSweep(
  problem: PlanProblem,
  { bound, beam, steps }: { readonly bound: number; readonly beam: number; readonly steps: number },
): Placement | null {
  let best: Placement | null = null;
  let [low, high] = [0, bound];
  let floor = bound * (1 - SAME);
  for (let step = 0; step < steps && high - low > 1e-4 * bound; step++) {
    const { placement } = sweep(problem, { floor, beam });
    if (placement) [best, low] = [placement, Math.max(floor, coverage(problem, placement))];
    else high = floor;
    floor = (low + high) / 2;
  }
  return best ?? sweep(problem, { floor: bound * 1e-6, beam }).placement;
}

export function betterOf(problem: PlanProblem, a: Placement | null, b: Placement | null): Placement | null {
  if (a === null || b === null) return a ?? b;
  return flowOf(problem, b).tokensPerS > flowOf(problem, a).tokensPerS ? b : a;
}

/** Every range of every node in turn, where links are what is short; a branch ends when it cannot bring more than the best. */
class Branches {
  readonly #problem: PlanProblem;
  readonly #ranges: (LayerRange | null)[];
  readonly #order: number[];
  readonly #height: Float64Array;
  readonly #bound: number;
  #best: Placement;
  #most: number;
  #visits = 0;

  constructor(problem: PlanProblem, first: Placement, bound: number) {
    this.#problem = problem;
    this.#best = first;
    this.#bound = bound;
    this.#most = flowOf(problem, first).tokensPerS;
    this.#ranges = problem.nodes.map(() => null);
    this.#height = new Float64Array(problem.layers);
    this.#order = [...problem.nodes.keys()].filter((at) => layersMax(problem.nodes[at]!) > 0);
    this.#order.sort((a, b) => layersMax(problem.nodes[b]!) - layersMax(problem.nodes[a]!));
  }

  run(): Solution {
    this.#decide(0);
    const complete = this.#visits <= VISITS_MAX;
    const boundTokensPerS = complete ? this.#most : Math.max(this.#most, this.#bound);
    return { placement: this.#best, tokensPerS: this.#most, boundTokensPerS };
  }

  #decide(depth: number): void {
    if (++this.#visits > VISITS_MAX || !this.#canBringMore(depth)) return;
    const { layers, nodes } = this.#problem;
    const at = this.#order[depth];
    if (at === undefined) return this.#weigh();
    for (let k = Math.min(layersMax(nodes[at]!), layers); k > 0; k--) {
      for (let from = 0; from + k <= layers; from++) {
        const range = { from, to: from + k };
        const carried = carriedAt(this.#problem, at, range);
        this.#ranges[at] = range;
        for (let layer = from; layer < range.to; layer++) this.#height[layer]! += carried;
        this.#decide(depth + 1);
        for (let layer = from; layer < range.to; layer++) this.#height[layer]! -= carried;
      }
    }
    this.#ranges[at] = null;
  }

  #canBringMore(depth: number): boolean {
    const { layers, nodes } = this.#problem;
    const floor = this.#most * (1 + SAME);
    let missing = 0;
    for (const height of this.#height) missing += Math.max(0, floor - height);
    for (let next = depth; next < this.#order.length && missing > 0; next++) {
      missing -= areaOf(nodes[this.#order[next]!]!, { layers, flow: floor, line: Number.POSITIVE_INFINITY });
    }
    return missing <= SAME * floor;
  }

  #weigh(): void {
    const { tokensPerS } = flowOf(this.#problem, this.#ranges);
    if (tokensPerS <= this.#most) return;
    this.#most = tokensPerS;
    this.#best = [...this.#ranges];
  }
}
