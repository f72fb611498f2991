/** Decides which machine holds which layers of a model, and says how far that is at most from the best there can be. */
import { anneal, placeByBound } from "./anneal.ts";
import { areaOf, upperBound } from "./bounds.ts";
import { nameBottleneck } from "./bottleneck.ts";
import { EXACT_NODES_MAX, betterOf, searchSweep, solveExactly } from "./exact.ts";
import type { Solution } from "./exact.ts";
import { flowOf } from "./flow.ts";
import type { Flow } from "./flow.ts";
import { placementOf, planGroups, withinGroups } from "./groups.ts";
import type { Group, Wanted } from "./groups.ts";
import { layersOf, nodesByRegion } from "./problem.ts";
import type { Placement, PlanProblem } from "./problem.ts";
import { tooLate, whyInfeasible } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";
import { SWEEP_REGIONS_MAX } from "./sweep.ts";

export type Objective = Wanted["objective"];

export interface Asked {
  readonly objective: Objective;
  /** For the least latency or cost: what must be carried. */
  readonly tokensPerS?: number;
  /** No route may take longer for a token. */
  readonly secondsPerTokenMax?: number;
  /** Numbers from 0 up to 1; the same ones give the same plan. */
  readonly draw: () => number;
}

export interface Plan {
  readonly kind: "plan";
  readonly objective: Objective;
  readonly placement: Placement;
  /** Separate pipelines; null where tokens may change between all machines that hold what comes next. */
  readonly groups: readonly Group[] | null;
  readonly tokensPerS: number;
  /** Of the slowest route in use, all stages computed whole. */
  readonly secondsPerToken: number;
  readonly pricePerHour: bigint;
  /** What no plan can beat: tokens per second, seconds per token or price per hour, as was asked; of the latter two no separate pipelines. */
  readonly bound: number;
  /** How far the plan is from that at most, as a part; 0 where it is proved to be the best. */
  readonly gap: number;
  readonly bottleneck: string;
}

/** Above, the search is by placement and annealing. */
const SWEEP_NODES_MAX = 64;
/** Of each layer's states; wide enough for the published clusters, and seconds at most. */
const SWEEP_BEAM = 60;
const SWEEP_STEPS = 12;
const ANNEAL_MOVES = 300_000;

export function makePlan(problem: PlanProblem, asked: Asked): Plan | Refusal {
  const refusal = whyInfeasible(problem, asked);
  if (refusal) return refusal;
  const free = asked.objective === "throughput" ? freePlan(problem, asked) : null;
  if (free && free.secondsPerToken <= (asked.secondsPerTokenMax ?? Number.POSITIVE_INFINITY)) return free;
  return groupPlan(problem, asked, free) ?? lateRefusal(problem, asked);
}

/** The most tokens per second, whatever the way they take. */
function freePlan(problem: PlanProblem, asked: Asked): Plan | null {
  const solution = problem.nodes.length <= EXACT_NODES_MAX ? solveExactly(problem) : solveLarge(problem, asked.draw);
  if (solution === null || solution.tokensPerS <= 0) return null;
  return describe(problem, { asked, placement: solution.placement, groups: null, bound: solution.boundTokensPerS });
}

function solveLarge(problem: PlanProblem, draw: () => number): Solution | null {
  const bound = upperBound(problem).tokensPerS;
  const merged = { ...problem, nodes: problem.nodes.map((node) => ({ ...node, region: "" })) };
  const regions = nodesByRegion(problem.nodes);
  let best: Placement | null = null;
  if (problem.nodes.length <= SWEEP_NODES_MAX) {
    const search = { bound, beam: SWEEP_BEAM, steps: SWEEP_STEPS };
    if (regions.size <= SWEEP_REGIONS_MAX) best = searchSweep(problem, search);
    if (regions.size > 1 && linksBind(problem, best)) best = betterOf(problem, best, searchSweep(merged, search));
  }
  if (isAtBound(problem, best, bound)) return { placement: best!, tokensPerS: bound, boundTokensPerS: bound };
  best = betterOf(problem, best, annealed(problem, bound, draw));
  if (regions.size > 1) best = betterOf(problem, best, eachRegionAlone(problem, draw));
  return best && { placement: best, tokensPerS: flowOf(problem, best).tokensPerS, boundTokensPerS: bound };
}

const linksBind = (problem: PlanProblem, placement: Placement | null): boolean =>
  placement === null || flowOf(problem, placement).fullLinks.length > 0;

const isAtBound = (problem: PlanProblem, placement: Placement | null, bound: number): boolean =>
  placement !== null && flowOf(problem, placement).tokensPerS >= bound * (1 - 1e-9);

function annealed(problem: PlanProblem, aim: number, draw: () => number): Placement {
  return anneal(problem, placeByBound(problem, aim), { aim, moves: ANNEAL_MOVES, draw });
}

/** Whole copies in each region, so that nothing crosses between them. */
function eachRegionAlone(problem: PlanProblem, draw: () => number): Placement {
  const placement = problem.nodes.map((): Placement[number] => null);
  for (const members of nodesByRegion(problem.nodes).values()) {
    const own = partOf(problem, members);
    const aim = upperBound(own).tokensPerS;
    if (aim === 0) continue;
    const part = annealed(own, aim, draw);
    for (const [index, at] of members.entries()) placement[at] = part[index]!;
  }
  return placement;
}

function partOf(problem: PlanProblem, members: readonly number[]): PlanProblem {
  return {
    ...problem,
    nodes: members.map((at) => problem.nodes[at]!),
    linkTokensPerS: (from, to) => problem.linkTokensPerS(members[from]!, members[to]!),
  };
}

/** Separate pipelines that are quick, or cheap, enough. */
function groupPlan(problem: PlanProblem, asked: Asked, free: Plan | null): Plan | null {
  const { objective, tokensPerS = 0, secondsPerTokenMax = Number.POSITIVE_INFINITY } = asked;
  const groups = planGroups(problem, { objective, tokensPerS, secondsPerTokenMax });
  if (groups === null) return null;
  const placement = placementOf(problem, groups);
  if (objective === "throughput")
    return describe(problem, { asked, placement, groups, bound: free?.bound ?? upperBound(problem).tokensPerS });
  const isExact = problem.nodes.length <= EXACT_NODES_MAX;
  const plan = describe(problem, { asked, placement, groups, bound: 0 });
  if (isExact) return { ...plan, bound: valueOf(plan), gap: 0 };
  const bound = objective === "cost" ? leastPrice(problem, tokensPerS) : leastSeconds(problem);
  return { ...plan, bound, gap: Math.max(0, 1 - bound / Math.max(valueOf(plan), Number.MIN_VALUE)) };
}

const valueOf = ({ objective, secondsPerToken, pricePerHour }: Plan): number =>
  objective === "cost" ? Number(pricePerHour) : secondsPerToken;

/** Every layer on the machine that is the fastest with it, and no more hops than the largest machines make. */
function leastSeconds({ layers, nodes, hopS }: PlanProblem): number {
  let [perLayer, largest, hop] = [Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY];
  for (const [at, { stageS }] of nodes.entries()) {
    for (let k = 1; k < stageS.length; k++) perLayer = Math.min(perLayer, stageS[k]! / k);
    largest = Math.max(largest, stageS.length - 1);
    for (const to of nodes.keys()) if (to !== at) hop = Math.min(hop, hopS(at, to));
  }
  const hops = Math.ceil(layers / largest) - 1;
  return layers * perLayer + (hops === 0 ? 0 : hops * hop);
}

/** The cheapest layers × tokens per second, where parts of machines could be had. */
function leastPrice({ layers, nodes }: PlanProblem, flow: number): number {
  const line = Number.POSITIVE_INFINITY;
  const offers = nodes.map((node) => ({
    price: Number(node.pricePerHour),
    area: areaOf(node, { layers, flow, line }),
  }));
  offers.sort((a, b) => a.price / a.area - b.price / b.area);
  let [left, price] = [layers * flow, 0];
  for (const offer of offers) {
    if (left <= 0 || offer.area === 0) break;
    price += offer.price * Math.min(1, left / offer.area);
    left -= offer.area;
  }
  return price;
}

interface Described {
  readonly asked: Asked;
  readonly placement: Placement;
  readonly groups: readonly Group[] | null;
  readonly bound: number;
}

function describe(problem: PlanProblem, { asked, placement, groups, bound }: Described): Plan {
  const routes = groups === null ? problem : withinGroups(problem, groups);
  const flow = flowOf(routes, placement);
  // A machine that nothing passes through need not hold anything, and costs nothing.
  const used = placement.map((range, at) => (flow.throughNode[at]! > 0 ? range : null));
  return {
    kind: "plan",
    objective: asked.objective,
    placement: used,
    groups,
    tokensPerS: flow.tokensPerS,
    secondsPerToken: slowestRoute(problem, used, flow),
    pricePerHour: problem.nodes.reduce((sum, node, at) => (used[at] ? sum + node.pricePerHour : sum), 0n),
    bound,
    gap: Math.max(0, 1 - flow.tokensPerS / bound),
    bottleneck: nameBottleneck(problem, used, flow),
  };
}

/** The longest way along hops in use, with the way back from its end to its beginning. */
function slowestRoute(problem: PlanProblem, placement: Placement, { hops }: Flow): number {
  const { nodes, hopS, returnS, layers } = problem;
  const next = new Map<number, number[]>();
  for (const { from, to } of hops) next.set(from, [...(next.get(from) ?? []), to]);
  const order = [...placement.keys()].filter((at) => placement[at]).sort((a, b) => placement[b]!.to - placement[a]!.to);
  const way = new Map<number, { seconds: number; end: number }>();
  let slowest = 0;
  for (const at of order) {
    const range = placement[at]!;
    const own = nodes[at]!.stageS[layersOf(range)]!;
    let most = { seconds: range.to === layers ? own : 0, end: at };
    for (const to of next.get(at) ?? []) {
      const rest = way.get(to)!;
      const seconds = own + hopS(at, to) + rest.seconds;
      if (seconds > most.seconds) most = { seconds, end: rest.end };
    }
    way.set(at, most);
    if (range.from === 0) slowest = Math.max(slowest, most.seconds + returnS(most.end, at));
  }
  return slowest;
}

/** What would have been the best without the limit on seconds, and what of it must change. */
function lateRefusal(problem: PlanProblem, asked: Asked): Refusal {
  const { tokensPerS = 0, objective } = asked;
  const needed = objective === "throughput" ? 0 : tokensPerS;
  const wanted: Wanted = { objective: "latency", tokensPerS: needed, secondsPerTokenMax: Number.POSITIVE_INFINITY };
  const quickest = planGroups(problem, wanted);
  return tooLate(problem, asked, quickest);
}
