/** The routes of a placement: a maximum flow by blocking flows (Dinic), and the least cut, which names the bottleneck. */
import type { Placement, PlanProblem } from "./problem.ts";

export interface Hop {
  readonly from: number;
  readonly to: number;
  readonly tokensPerS: number;
}

export interface Flow {
  readonly tokensPerS: number;
  readonly throughNode: Float64Array;
  readonly hops: readonly Hop[];
  /** What is full and holds everything else up: nodes by their own speed or line, and links. */
  readonly fullNodes: readonly number[];
  readonly fullLinks: readonly Omit<Hop, "tokensPerS">[];
}

const SOURCE = 0;
const SINK = 1;
/** Against rounding, as a part of the largest capacity. */
const ROUNDING = 1e-12;

/** What a node can carry at its place: its speed, and its own line where activations come in or go out. */
export function carriedAt(
  { nodes, layers }: PlanProblem,
  at: number,
  { from, to }: { from: number; to: number },
): number {
  const { speeds, upTokensPerS, downTokensPerS } = nodes[at]!;
  let most = speeds[to - from] ?? 0;
  if (from > 0) most = Math.min(most, downTokensPerS);
  if (to < layers) most = Math.min(most, upTokensPerS);
  return most;
}

export function flowOf(problem: PlanProblem, placement: Placement): Flow {
  const network = new Network(problem.nodes.length);
  const starts: number[][] = Array.from({ length: problem.layers }, () => []);
  for (const [at, range] of placement.entries()) {
    if (range === null) continue;
    for (let layer = range.from; layer < range.to; layer++) starts[layer]!.push(at);
  }
  for (const [at, range] of placement.entries()) {
    if (range === null) continue;
    network.arc(enter(at), leave(at), carriedAt(problem, at, range));
    if (range.from === 0) network.arc(SOURCE, enter(at), Number.MAX_VALUE);
    if (range.to === problem.layers) network.arc(leave(at), SINK, Number.MAX_VALUE);
    for (const next of starts[range.to] ?? []) network.arc(leave(at), enter(next), problem.linkTokensPerS(at, next));
  }
  return network.solve();
}

const enter = (at: number): number => 2 + 2 * at;
const leave = (at: number): number => 3 + 2 * at;
const nodeOf = (vertex: number): number => (vertex - 2) >> 1;

class Network {
  readonly #arcs: number[][];
  readonly #target: number[] = [];
  readonly #left: number[] = [];
  readonly #capacity: number[] = [];
  #largest = 0;

  constructor(nodes: number) {
    this.#arcs = Array.from({ length: 2 + 2 * nodes }, () => []);
  }

  arc(from: number, to: number, capacity: number): void {
    if (!(capacity > 0)) return;
    this.#arcs[from]!.push(this.#target.length);
    this.#arcs[to]!.push(this.#target.length + 1);
    this.#target.push(to, from);
    this.#left.push(capacity, 0);
    this.#capacity.push(capacity, 0);
    if (capacity < Number.MAX_VALUE) this.#largest = Math.max(this.#largest, capacity);
  }

  solve(): Flow {
    const least = this.#largest * ROUNDING;
    let tokensPerS = 0;
    let level = this.#levels(least);
    while (level[SINK]! >= 0) {
      const next = new Int32Array(this.#arcs.length);
      for (;;) {
        const pushed = this.#push(SOURCE, Number.MAX_VALUE, { level, next, least });
        if (pushed <= least) break;
        tokensPerS += pushed;
      }
      level = this.#levels(least);
    }
    return { tokensPerS, ...this.#read(level) };
  }

  #levels(least: number): Int32Array {
    const level = new Int32Array(this.#arcs.length).fill(-1);
    level[SOURCE] = 0;
    const queue = [SOURCE];
    for (const vertex of queue) {
      for (const arc of this.#arcs[vertex]!) {
        const to = this.#target[arc]!;
        if (this.#left[arc]! <= least || level[to]! >= 0) continue;
        level[to] = level[vertex]! + 1;
        queue.push(to);
      }
    }
    return level;
  }

  /** Recursion is as deep as a route is long: twice the stages. */
  #push(vertex: number, most: number, graph: { level: Int32Array; next: Int32Array; least: number }): number {
    if (vertex === SINK) return most;
    const arcs = this.#arcs[vertex]!;
    for (; graph.next[vertex]! < arcs.length; graph.next[vertex]!++) {
      const arc = arcs[graph.next[vertex]!]!;
      const to = this.#target[arc]!;
      if (this.#left[arc]! <= graph.least || graph.level[to] !== graph.level[vertex]! + 1) continue;
      const pushed = this.#push(to, Math.min(most, this.#left[arc]!), graph);
      if (pushed <= graph.least) continue;
      this.#left[arc]! -= pushed;
      this.#left[arc ^ 1]! += pushed;
      return pushed;
    }
    return 0;
  }

  #read(reached: Int32Array): Omit<Flow, "tokensPerS"> {
    const throughNode = new Float64Array((this.#arcs.length - 2) / 2);
    const hops: Hop[] = [];
    const fullNodes: number[] = [];
    const fullLinks: Omit<Hop, "tokensPerS">[] = [];
    for (let arc = 0; arc < this.#target.length; arc += 2) {
      const [from, to] = [this.#target[arc + 1]!, this.#target[arc]!];
      if (from === SOURCE || to === SINK) continue;
      const through = this.#left[arc + 1]!;
      const cut = reached[from]! >= 0 && reached[to]! < 0;
      if (nodeOf(from) === nodeOf(to)) {
        throughNode[nodeOf(from)] = through;
        if (cut) fullNodes.push(nodeOf(from));
        continue;
      }
      if (through > 0) hops.push({ from: nodeOf(from), to: nodeOf(to), tokensPerS: through });
      if (cut) fullLinks.push({ from: nodeOf(from), to: nodeOf(to) });
    }
    return { throughNode, hops, fullNodes, fullLinks };
  }
}
