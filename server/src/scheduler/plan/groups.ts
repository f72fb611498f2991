/**
 * Separate pipelines, each quick enough: what is asked where answers must not wait. For a few nodes the best division of them is
 * found by a dynamic programme over sets; for many, pipelines of as few stages as possible are taken out of each region in turn.
 */
import { CHAIN_NODES_MAX, Chains, floorsOf } from "./chains.ts";
import type { Chain } from "./chains.ts";
import { layersMax, nodesByRegion } from "./problem.ts";
import type { LayerRange, Placement, PlanProblem } from "./problem.ts";

export interface Group extends Chain {
  readonly tokensPerS: number;
}

export interface Wanted {
  readonly objective: "throughput" | "latency" | "cost";
  /** Tokens per second that are needed; all there can be where it is throughput that is asked. */
  readonly tokensPerS: number;
  readonly secondsPerTokenMax: number;
}

export function planGroups(problem: PlanProblem, asked: Wanted): Group[] | null {
  // At least something is carried, however little is asked.
  const wanted = { ...asked, tokensPerS: Math.max(asked.tokensPerS, Number.MIN_VALUE) };
  return problem.nodes.length <= CHAIN_NODES_MAX
    ? new Divisions(problem, wanted).best(wanted)
    : greedyGroups(problem, wanted);
}

export const placementOf = ({ nodes }: PlanProblem, groups: readonly Group[]): Placement => {
  const placement: (LayerRange | null)[] = nodes.map(() => null);
  for (const { stages } of groups) for (const { node, range } of stages) placement[node] = range;
  return placement;
};

/** The same problem with links between neighbours of a pipeline only. */
export function withinGroups(problem: PlanProblem, groups: readonly Group[]): PlanProblem {
  const next = new Map<number, number>();
  for (const { stages } of groups) {
    for (let at = 1; at < stages.length; at++) next.set(stages[at - 1]!.node, stages[at]!.node);
  }
  const linkTokensPerS = (from: number, to: number) => (next.get(from) === to ? problem.linkTokensPerS(from, to) : 0);
  return { ...problem, linkTokensPerS };
}

/** Of every set of nodes, the best division into pipelines. */
class Divisions {
  readonly #problem: PlanProblem;
  readonly #floors: number[];
  readonly #chains: Chains[];

  constructor(problem: PlanProblem, { objective, tokensPerS }: Wanted) {
    this.#problem = problem;
    const floors = floorsOf(problem);
    // The lowest floor leaves every choice: where it is enough, no higher one makes anything quicker.
    this.#floors = objective === "latency" && tokensPerS <= (floors[0] ?? 0) ? floors.slice(0, 1) : floors;
    this.#chains = this.#floors.map((floor) => new Chains(problem, floor));
  }

  best({ objective, tokensPerS, secondsPerTokenMax }: Wanted): Group[] | null {
    if (objective === "throughput") return this.#within(secondsPerTokenMax).groups(this.#all);
    if (objective === "cost") return this.#cheapest(tokensPerS, secondsPerTokenMax);
    return this.#quickest(tokensPerS);
  }

  get #all(): number {
    return (1 << this.#problem.nodes.length) - 1;
  }

  #within(secondsMax: number): Division {
    const floorOf = new Int16Array(this.#all + 1).fill(-1);
    for (let set = 1; set <= this.#all; set++) {
      // A higher floor leaves fewer choices, so the seconds only grow with it.
      let [low, high] = [-1, this.#chains.length - 1];
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (this.#chains[middle]!.secondsPerToken(set) <= Math.min(secondsMax, Number.MAX_VALUE)) low = middle;
        else high = middle - 1;
      }
      floorOf[set] = low;
    }
    return new Division({ floors: this.#floors, chains: this.#chains, floorOf });
  }

  #cheapest(tokensPerS: number, secondsMax: number): Group[] | null {
    const division = this.#within(secondsMax);
    let best: number | null = null;
    let least = 0n;
    for (let set = 1; set <= this.#all; set++) {
      if (division.tokensPerS(set) < tokensPerS) continue;
      const price = this.#problem.nodes.reduce(
        (sum, node, at) => (set & (1 << at) ? sum + node.pricePerHour : sum),
        0n,
      );
      if (best === null || price < least) [best, least] = [set, price];
    }
    return best === null ? null : division.groups(best);
  }

  /** Halves the seconds until nothing quicker carries what is needed. */
  #quickest(tokensPerS: number): Group[] | null {
    const any = this.#within(Number.MAX_VALUE);
    if (any.tokensPerS(this.#all) < tokensPerS) return null;
    let best = any.enough(this.#all, tokensPerS);
    let low = 0;
    for (let step = 0; step < 40; step++) {
      const high = slowest(best);
      const middle = (low + high) / 2;
      const division = this.#within(middle);
      if (division.tokensPerS(this.#all) >= tokensPerS) best = division.enough(this.#all, tokensPerS);
      else low = middle;
      if (slowest(best) - low <= 1e-9 * low) break;
    }
    return best;
  }
}

const slowest = (groups: readonly Group[]): number => Math.max(...groups.map(({ secondsPerToken }) => secondsPerToken));

/** What every set carries when its pipelines are those of the highest floors that are quick enough. */
class Division {
  readonly #floors: readonly number[];
  readonly #chains: readonly Chains[];
  readonly #floorOf: Int16Array;
  readonly #most: Float64Array;
  /** The pipeline that a set's lowest node is in; 0 where it is in none. */
  readonly #first: Int32Array;

  constructor({
    floors,
    chains,
    floorOf,
  }: {
    floors: readonly number[];
    chains: readonly Chains[];
    floorOf: Int16Array;
  }) {
    this.#floors = floors;
    this.#chains = chains;
    this.#floorOf = floorOf;
    this.#most = new Float64Array(floorOf.length);
    this.#first = new Int32Array(floorOf.length);
    for (let set = 1; set < floorOf.length; set++) {
      const without = set & (set - 1);
      this.#most[set] = this.#most[without]!;
      const lowest = set ^ without;
      for (let rest = without; ; rest = (rest - 1) & without) {
        const chain = rest | lowest;
        const floor = floorOf[chain]!;
        const carried = floor < 0 ? 0 : floors[floor]! + this.#most[set ^ chain]!;
        if (carried > this.#most[set]!) [this.#most[set], this.#first[set]] = [carried, chain];
        if (rest === 0) break;
      }
    }
  }

  tokensPerS(set: number): number {
    return this.#most[set]!;
  }

  groups(set: number): Group[] | null {
    const groups: Group[] = [];
    for (let rest = set; rest !== 0;) {
      const chain = this.#first[rest]!;
      if (chain !== 0) {
        const floor = this.#floorOf[chain]!;
        groups.push({ ...this.#chains[floor]!.chain(chain), tokensPerS: this.#floors[floor]! });
      }
      rest = chain === 0 ? rest & (rest - 1) : rest ^ chain;
    }
    return groups.length === 0 ? null : groups;
  }

  /** The quickest of the set's pipelines that carry what is needed together. */
  enough(set: number, tokensPerS: number): Group[] {
    return firstThatCarry(this.groups(set) ?? [], tokensPerS) ?? [];
  }
}

function firstThatCarry(groups: readonly Group[], tokensPerS: number): Group[] | null {
  const sorted = groups.toSorted((a, b) => a.secondsPerToken - b.secondsPerToken);
  let carried = 0;
  const taken: Group[] = [];
  for (const group of sorted) {
    if (carried >= tokensPerS && taken.length > 0) break;
    taken.push(group);
    carried += group.tokensPerS;
  }
  return carried >= tokensPerS && taken.length > 0 ? taken : null;
}

/** Speeds that pipelines of many nodes are tried with. */
const FLOORS_TRIED = 16;

type Order = (a: number, b: number) => number;

function greedyGroups(problem: PlanProblem, wanted: Wanted): Group[] | null {
  let best: Group[] | null = null;
  for (const floor of floorsTried(problem)) {
    for (const order of ordersTried(problem, wanted.objective)) {
      const all = takeChains(problem, { floor, order, secondsMax: wanted.secondsPerTokenMax });
      const groups = wanted.objective === "throughput" ? all : firstThatCarry(all, wanted.tokensPerS);
      if (groups && groups.length > 0 && (best === null || isBetter(problem, wanted.objective, groups, best)))
        best = groups;
    }
  }
  return best;
}

function floorsTried({ nodes, layers }: PlanProblem): number[] {
  const floors = new Set(nodes.flatMap(({ speeds }) => speeds.slice(1, layers + 1)));
  const sorted = [...floors].filter((speed) => speed > 0).sort((a, b) => a - b);
  const step = Math.max(1, Math.floor(sorted.length / FLOORS_TRIED));
  return sorted.filter((_, at) => at % step === 0);
}

function ordersTried({ nodes }: PlanProblem, objective: Wanted["objective"]): Order[] {
  const perLayerS = (at: number): number =>
    Math.min(...nodes[at]!.stageS.slice(1).map((seconds, k) => seconds / (k + 1)));
  const price = (at: number): number => Number(nodes[at]!.pricePerHour) / Math.max(1, layersMax(nodes[at]!));
  const fewest: Order = (a, b) => layersMax(nodes[b]!) - layersMax(nodes[a]!) || a - b;
  const fastest: Order = (a, b) => perLayerS(a) - perLayerS(b) || a - b;
  return objective === "cost" ? [(a, b) => price(a) - price(b) || a - b, fewest] : [fewest, fastest];
}

function isBetter({ nodes }: PlanProblem, objective: Wanted["objective"], groups: Group[], than: Group[]): boolean {
  const carried = (all: Group[]): number => all.reduce((sum, { tokensPerS }) => sum + tokensPerS, 0);
  const price = (all: Group[]): bigint =>
    all.reduce((sum, { stages }) => stages.reduce((more, { node }) => more + nodes[node]!.pricePerHour, sum), 0n);
  if (objective === "throughput") return carried(groups) > carried(than);
  return objective === "cost" ? price(groups) < price(than) : slowest(groups) < slowest(than);
}

interface Taking {
  readonly floor: number;
  readonly order: Order;
  readonly secondsMax: number;
}

/** Pipelines of one region each while there are any; then of what is left of all regions, one region after the other. */
function takeChains(problem: PlanProblem, taking: Taking): Group[] {
  const groups: Group[] = [];
  const left: number[] = [];
  const takeFrom = (pool: number[]): number[] => {
    for (;;) {
      const group = takeChain(problem, pool, taking);
      if (group === null) return pool;
      groups.push(group);
      const used = new Set(group.stages.map(({ node }) => node));
      pool = pool.filter((at) => !used.has(at));
    }
  };
  const regions = nodesByRegion(problem.nodes);
  for (const members of regions.values()) left.push(...takeFrom(members.toSorted(taking.order)));
  if (regions.size > 1) takeFrom(left);
  return groups;
}

/** The first nodes of the pool that hold the model together, each at the floor at least. */
function takeChain(problem: PlanProblem, pool: readonly number[], { floor, secondsMax }: Taking): Group | null {
  const { layers, nodes } = problem;
  const most = (at: number): number => {
    const { speeds } = nodes[at]!;
    let k = Math.min(speeds.length - 1, layers);
    while (k > 0 && speeds[k]! < floor) k--;
    return k;
  };
  const members: number[] = [];
  let held = 0;
  for (const at of pool) {
    if (held >= layers) break;
    const previous = members.at(-1);
    if (most(at) === 0 || (previous !== undefined && problem.linkTokensPerS(previous, at) < floor)) continue;
    members.push(at);
    held += most(at);
  }
  if (held < layers) return null;
  const shares = shareLayers(problem, members, most);
  const group = groupOf(problem, members, shares);
  return group.secondsPerToken <= secondsMax ? group : null;
}

/** One layer each, then as many as possible to the fastest. */
function shareLayers(
  { layers, nodes }: PlanProblem,
  members: readonly number[],
  most: (at: number) => number,
): number[] {
  const shares = members.map(() => 1);
  let left = layers - members.length;
  const fastest = members.map((_, place) => place);
  fastest.sort((a, b) => nodes[members[a]!]!.stageS[1]! - nodes[members[b]!]!.stageS[1]!);
  for (const place of fastest) {
    const more = Math.min(left, most(members[place]!) - 1);
    shares[place]! += more;
    left -= more;
  }
  return shares;
}

function groupOf(problem: PlanProblem, members: readonly number[], shares: readonly number[]): Group {
  const { nodes, linkTokensPerS, hopS, returnS } = problem;
  let [from, seconds, tokensPerS] = [0, returnS(members.at(-1)!, members[0]!), Number.POSITIVE_INFINITY];
  const stages = members.map((node, place) => {
    const range = { from, to: from + shares[place]! };
    from = range.to;
    seconds += nodes[node]!.stageS[shares[place]!]!;
    tokensPerS = Math.min(tokensPerS, nodes[node]!.speeds[shares[place]!]!);
    const next = members[place + 1];
    if (next !== undefined) {
      seconds += hopS(node, next);
      tokensPerS = Math.min(
        tokensPerS,
        linkTokensPerS(node, next),
        nodes[node]!.upTokensPerS,
        nodes[next]!.downTokensPerS,
      );
    }
    return { node, range };
  });
  return { stages, secondsPerToken: seconds, tokensPerS };
}
