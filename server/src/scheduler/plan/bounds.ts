/** What no plan can exceed, whatever it is: each of these is proved without looking at any plan. */
import { layersMax, nodesByRegion } from "./problem.ts";
import type { PlanNode, PlanProblem } from "./problem.ts";

export type BoundKind = "memory" | "compute" | "links";

export interface Bound {
  readonly kind: BoundKind;
  readonly tokensPerS: number;
}

/** The least of all bounds. */
export function upperBound(problem: PlanProblem): Bound {
  const copies = copiesBound(problem);
  if (copies === 0) return { kind: "memory", tokensPerS: 0 };
  const compute = cappedArea(problem, problem.nodes);
  const links = Math.min(linesBound(problem), regionCut(problem));
  return links < compute ? { kind: "links", tokensPerS: links } : { kind: "compute", tokensPerS: compute };
}

/** Whole copies of the model that all memory together holds. */
export function copiesBound({ layers, nodes }: PlanProblem): number {
  return Math.floor(nodes.reduce((sum, node) => sum + layersMax(node), 0) / layers);
}

/**
 * The largest F with L·F ≤ Σ max_k k·min(T(k), F): every token needs L layers, and a node that holds k of them can serve at most
 * min(T(k), F) tokens. With `lines`, each node's own bound on what it passes on or takes in, and the `free` layers at most that a
 * token passes where nothing is sent any more, or nothing was received yet.
 */
export function cappedArea(
  { layers }: Pick<PlanProblem, "layers">,
  nodes: readonly PlanNode[],
  { lines, free }: { readonly lines: readonly number[]; readonly free: number } = { lines: [], free: 0 },
): number {
  // Of equal nodes one stands for all.
  const shapes = new Map<string, { node: PlanNode; line: number; count: number }>();
  for (const [at, node] of nodes.entries()) {
    const line = lines[at] ?? Number.POSITIVE_INFINITY;
    const key = `${node.kind} ${line}`;
    const shape = shapes.get(key);
    if (shape) shape.count++;
    else shapes.set(key, { node, line, count: 1 });
  }
  const fits = (flow: number): boolean => {
    let area = free * flow;
    for (const { node, line, count } of shapes.values()) area += count * areaOf(node, { layers, flow, line });
    return area >= layers * flow * (1 - 1e-12);
  };
  let low = 0;
  let high = nodes.reduce((sum, { speeds }) => sum + Math.max(...speeds), 0);
  if (fits(high)) return high;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** Leaves 2⁻⁵² of the first guess: what a double can tell apart. */
const BISECTIONS = 52;

/** The most layers × tokens per second that a node can add to a flow of this size. */
export function areaOf(
  { speeds }: PlanNode,
  { layers, flow, line }: { readonly layers: number; readonly flow: number; readonly line: number },
): number {
  let most = 0;
  for (let k = 1; k < speeds.length && k <= layers; k++) most = Math.max(most, k * Math.min(speeds[k]!, flow, line));
  return most;
}

/** All stages but a token's last one must send it on, and all but its first one receive it. */
function linesBound({ layers, nodes, linkTokensPerS }: PlanProblem): number {
  const free = Math.max(...nodes.map(layersMax));
  if (free >= layers) return Number.POSITIVE_INFINITY;
  const sent = nodes.map(({ upTokensPerS }, at) => {
    return leastOf(upTokensPerS, nodes.length, (to) => (at === to ? 0 : linkTokensPerS(at, to)));
  });
  const received = nodes.map(({ downTokensPerS }, at) => {
    return leastOf(downTokensPerS, nodes.length, (from) => (at === from ? 0 : linkTokensPerS(from, at)));
  });
  return Math.min(
    cappedArea({ layers }, nodes, { lines: sent, free }),
    cappedArea({ layers }, nodes, { lines: received, free }),
  );
}

/** The sum of the links, up to what the line takes. */
function leastOf(line: number, count: number, linkWith: (other: number) => number): number {
  let sum = 0;
  for (let other = 0; other < count && sum < line; other++) sum += linkWith(other);
  return Math.min(sum, line);
}

/** A token stays in one region, which must hold the whole model, or crosses between regions at least once. */
function regionCut(problem: PlanProblem): number {
  const { nodes, layers, linkTokensPerS } = problem;
  const members = nodesByRegion(nodes);
  if (members.size === 1) return Number.POSITIVE_INFINITY;
  let total = 0;
  for (const indices of members.values()) {
    const own = indices.map((at) => nodes[at]!);
    if (copiesBound({ ...problem, nodes: own }) === 0) continue;
    total += cappedArea({ layers }, own);
  }
  for (const from of nodes.keys()) {
    let sent = 0;
    for (const to of nodes.keys()) {
      if (nodes[from]!.region !== nodes[to]!.region) sent += linkTokensPerS(from, to);
    }
    total += Math.min(sent, nodes[from]!.upTokensPerS);
  }
  return total;
}
