/**
 * The quickest round of every set of a few nodes, each set as one pipeline: layers and order do not depend on each other, so a
 * dynamic programme over sets finds the best division of layers, and another one the shortest way through all of its nodes and back.
 */
import { layersMax } from "./problem.ts";
import type { LayerRange, PlanProblem } from "./problem.ts";

export const CHAIN_NODES_MAX = 12;

export interface Chain {
  /** In the order of the layers. */
  readonly stages: readonly { readonly node: number; readonly range: LayerRange }[];
  readonly secondsPerToken: number;
}

export class Chains {
  readonly #problem: PlanProblem;
  readonly #floor: number;
  /** Of each set and number of layers, the least seconds of computing, and how many layers the set's first node has then. */
  readonly #computing: Float64Array;
  readonly #share: Uint16Array;
  /** Of each set, last node and whether the way back is behind: the least seconds, and the node before. */
  readonly #way: Float64Array;
  readonly #before: Int8Array;

  /** Every stage must do at least `floor` tokens per second. */
  constructor(problem: PlanProblem, floor: number) {
    this.#problem = problem;
    this.#floor = floor;
    const sets = 1 << problem.nodes.length;
    this.#computing = new Float64Array(sets * (problem.layers + 1)).fill(Number.POSITIVE_INFINITY);
    this.#share = new Uint16Array(this.#computing.length);
    this.#way = new Float64Array(sets * problem.nodes.length * 2).fill(Number.POSITIVE_INFINITY);
    this.#before = new Int8Array(this.#way.length).fill(-1);
    this.#divideLayers();
    this.#findWays();
  }

  #divideLayers(): void {
    const { layers, nodes } = this.#problem;
    this.#computing[0] = 0;
    for (let set = 1; set < 1 << nodes.length; set++) {
      const node = lowestOf(set);
      const rest = (set & (set - 1)) * (layers + 1);
      const { speeds, stageS } = nodes[node]!;
      for (let k = 1; k < speeds.length && k <= layers; k++) {
        if (speeds[k]! < this.#floor) continue;
        for (let total = k; total <= layers; total++) {
          const seconds = this.#computing[rest + total - k]! + stageS[k]!;
          const at = set * (layers + 1) + total;
          if (seconds >= this.#computing[at]!) continue;
          this.#computing[at] = seconds;
          this.#share[at] = k;
        }
      }
    }
  }

  /** A round may begin anywhere: at the set's lowest node, with the way back as one of its edges. */
  #findWays(): void {
    const { nodes } = this.#problem;
    for (let set = 1; set < 1 << nodes.length; set++) {
      const first = lowestOf(set);
      if (set === 1 << first) this.#way[this.#place(set, first, 0)] = 0;
      for (let last = 0; last < nodes.length; last++) {
        if ((set & (1 << last)) === 0) continue;
        for (const back of [0, 1]) {
          const seconds = this.#way[this.#place(set, last, back)]!;
          if (seconds === Number.POSITIVE_INFINITY) continue;
          for (let next = first + 1; next < nodes.length; next++) {
            if ((set & (1 << next)) === 0) this.#extend({ set, last, back, next, seconds });
          }
        }
      }
    }
  }

  #extend({
    set,
    last,
    back,
    next,
    seconds,
  }: {
    set: number;
    last: number;
    back: number;
    next: number;
    seconds: number;
  }): void {
    const wider = set | (1 << next);
    this.#improve(this.#place(wider, next, back), seconds + this.#hopS(last, next), last * 2 + back);
    if (back === 0) this.#improve(this.#place(wider, next, 1), seconds + this.#problem.returnS(last, next), last * 2);
  }

  #improve(place: number, seconds: number, before: number): void {
    if (seconds >= this.#way[place]!) return;
    this.#way[place] = seconds;
    this.#before[place] = before;
  }

  #place(set: number, last: number, back: number): number {
    return (set * this.#problem.nodes.length + last) * 2 + back;
  }

  #hopS(from: number, to: number): number {
    const { nodes, linkTokensPerS, hopS } = this.#problem;
    const most = Math.min(linkTokensPerS(from, to), nodes[from]!.upTokensPerS, nodes[to]!.downTokensPerS);
    return most < this.#floor ? Number.POSITIVE_INFINITY : hopS(from, to);
  }

  /** The seconds of a round with all nodes of the set, infinite where they are no pipeline at this floor. */
  secondsPerToken(set: number): number {
    return this.#computing[set * (this.#problem.layers + 1) + this.#problem.layers]! + this.#closed(set).seconds;
  }

  #closed(set: number): { seconds: number; last: number; back: number } {
    const first = lowestOf(set);
    if (set === 1 << first) return { seconds: this.#problem.returnS(first, first), last: first, back: 0 };
    let best = { seconds: Number.POSITIVE_INFINITY, last: first, back: 0 };
    for (let last = 0; last < this.#problem.nodes.length; last++) {
      if ((set & (1 << last)) === 0) continue;
      const open = this.#way[this.#place(set, last, 0)]! + this.#problem.returnS(last, first);
      const behind = this.#way[this.#place(set, last, 1)]! + this.#hopS(last, first);
      if (open < best.seconds) best = { seconds: open, last, back: 0 };
      if (behind < best.seconds) best = { seconds: behind, last, back: 1 };
    }
    return best;
  }

  chain(set: number): Chain {
    const order = this.#order(set);
    const shares = new Map<number, number>();
    let left = this.#problem.layers;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const share = this.#share[rest * (this.#problem.layers + 1) + left]!;
      shares.set(lowestOf(rest), share);
      left -= share;
    }
    let from = 0;
    const stages = order.map((node) => {
      const range = { from, to: from + shares.get(node)! };
      from = range.to;
      return { node, range };
    });
    return { stages, secondsPerToken: this.secondsPerToken(set) };
  }

  /** The round, turned so that the way back is its last edge. */
  #order(set: number): number[] {
    let { last, back } = this.#closed(set);
    const round: number[] = [];
    let backAfter = back === 0 ? last : -1;
    for (let rest = set; ;) {
      round.push(last);
      const before = this.#before[this.#place(rest, last, back)]!;
      rest &= ~(1 << last);
      if (rest === 0) break;
      if (back === 1 && before % 2 === 0) backAfter = before >> 1;
      [last, back] = [before >> 1, before % 2];
    }
    round.reverse();
    const end = round.indexOf(backAfter);
    return [...round.slice(end + 1), ...round.slice(0, end + 1)];
  }
}

/** Every speed that a stage of a pipeline can be bound by: between two of them nothing changes. */
export function floorsOf({ nodes, layers, linkTokensPerS }: PlanProblem): number[] {
  const floors = new Set<number>();
  for (const [at, node] of nodes.entries()) {
    for (const to of nodes.keys()) {
      const link = at === to ? Number.POSITIVE_INFINITY : linkTokensPerS(at, to);
      if (link > 0 && Number.isFinite(link)) floors.add(link);
    }
    for (let k = 1; k <= Math.min(layersMax(node), layers); k++) floors.add(node.speeds[k]!);
    if (Number.isFinite(node.upTokensPerS)) floors.add(node.upTokensPerS);
    if (Number.isFinite(node.downTokensPerS)) floors.add(node.downTokensPerS);
  }
  // No stage is faster than the fastest node with a single layer.
  const fastest = Math.max(...nodes.flatMap(({ speeds }) => speeds));
  return [...floors].filter((floor) => floor <= fastest).sort((a, b) => a - b);
}

const lowestOf = (set: number): number => 31 - Math.clz32(set & -set);
