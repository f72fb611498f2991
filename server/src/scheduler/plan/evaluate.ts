/**
 * What a placement can really carry: a plain maximum flow over machines and links, by shortest augmenting paths (Edmonds and Karp).
 * It takes nothing from the solvers, so that it can check them: slow and obvious.
 */
import type { Placement, PlanProblem } from "./problem.ts";

/** @returns tokens per second from the first layer to the last */
export function evaluatePlacement(problem: PlanProblem, placement: Placement): number {
  const { layers, nodes, linkTokensPerS } = problem;
  const used = [...placement.keys()].filter((at) => placement[at] !== null);
  const capacity: Map<number, number>[] = Array.from({ length: 2 + 2 * used.length }, () => new Map<number, number>());
  const arc = (from: number, to: number, most: number): void => {
    if (most <= 0) return;
    capacity[from]!.set(to, Math.min(most, Number.MAX_SAFE_INTEGER));
    if (!capacity[to]!.has(from)) capacity[to]!.set(from, 0);
  };
  for (const [index, at] of used.entries()) {
    const { from, to } = placement[at]!;
    const node = nodes[at]!;
    const ownLine = Math.min(from > 0 ? node.downTokensPerS : Infinity, to < layers ? node.upTokensPerS : Infinity);
    arc(enters(index), leaves(index), Math.min(node.speeds[to - from] ?? 0, ownLine));
    if (from === 0) arc(0, enters(index), Infinity);
    if (to === layers) arc(leaves(index), 1, Infinity);
    for (const [otherIndex, otherAt] of used.entries()) {
      const next = placement[otherAt]!;
      // A node may be entered in the middle of its layers: it then computes only those that are left.
      if (index !== otherIndex && next.from <= to && to < next.to) {
        arc(leaves(index), enters(otherIndex), linkTokensPerS(at, otherAt));
      }
    }
  }
  return maximumFlow(capacity);
}

// Vertices: 0 the source, 1 the sink, then of each used node what enters it and what leaves it.
const enters = (index: number): number => 2 + 2 * index;
const leaves = (index: number): number => 3 + 2 * index;

function maximumFlow(capacity: Map<number, number>[]): number {
  let total = 0;
  for (;;) {
    const path = shortestPath(capacity);
    if (path === null) return total;
    let least = Infinity;
    for (let at = 1; at < path.length; at++) least = Math.min(least, capacity[path[at - 1]!]!.get(path[at]!)!);
    for (let at = 1; at < path.length; at++) {
      const [from, to] = [path[at - 1]!, path[at]!];
      capacity[from]!.set(to, capacity[from]!.get(to)! - least);
      capacity[to]!.set(from, (capacity[to]!.get(from) ?? 0) + least);
    }
    total += least;
  }
}

/** Less than this is rounding: speeds are tokens per second. */
const NOTHING = 1e-7;

function shortestPath(capacity: readonly Map<number, number>[]): number[] | null {
  const before = new Map<number, number>([[0, -1]]);
  const queue = [0];
  for (const vertex of queue) {
    if (vertex === 1) break;
    for (const [next, left] of capacity[vertex]!) {
      if (left <= NOTHING || before.has(next)) continue;
      before.set(next, vertex);
      queue.push(next);
    }
  }
  if (!before.has(1)) return null;
  const path: number[] = [];
  for (let vertex = 1; vertex !== -1; vertex = before.get(vertex)!) path.push(vertex);
  return path.reverse();
}
