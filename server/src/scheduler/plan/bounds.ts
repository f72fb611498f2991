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
  const lines = problem.nodes.map((_, at) => lineTokensPerS(problem, at));
  const compute = cappedArea(problem, problem.nodes);
  const ownLines = cappedArea(problem, problem.nodes, lines);
  const cut = regionCut(problem, lines);
  const links = Math.min(ownLines, cut);
  return links < compute ? { kind: "links", tokensPerS: links } : { kind: "compute", tokensPerS: compute };
}

/** Whole copies of the model that all memory together holds. */
export function copiesBound({ layers, nodes }: PlanProblem): number {
  return Math.floor(nodes.reduce((sum, node) => sum + layersMax(node), 0) / layers);
}

/**
 * The largest F with L·F ≤ Σ max_k k·min(T(k), F): every token needs L layers, and a node that holds k of them can serve at most
 * min(T(k), F) tokens. `lines` bounds besides what a node can do that holds less than the whole model.
 */
export function cappedArea(
  { layers }: Pick<PlanProblem, "layers">,
  nodes: readonly PlanNode[],
  lines?: readonly number[],
): number {
  const lineOf = (at: number): number => lines?.[at] ?? Number.POSITIVE_INFINITY;
  // Of equal nodes one stands for all.
  const shapes = new Map<string, { node: PlanNode; line: number; count: number }>();
  for (const [at, node] of nodes.entries()) {
    const key = `${node.kind} ${lineOf(at)}`;
    const shape = shapes.get(key);
    if (shape) shape.count++;
    else shapes.set(key, { node, line: lineOf(at), count: 1 });
  }
  const fits = (flow: number): boolean => {
    let area = 0;
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
  for (let k = 1; k < speeds.length; k++) {
    const area = k * Math.min(speeds[k]!, flow, k < layers ? line : Number.POSITIVE_INFINITY);
    if (area > most) most = area;
  }
  return most;
}

/** What a node can send or receive at most, whichever is more: a first stage only sends, a last one only receives. */
export function lineTokensPerS({ nodes, linkTokensPerS }: PlanProblem, at: number): number {
  const { upTokensPerS, downTokensPerS } = nodes[at]!;
  let [sent, received] = [0, 0];
  for (let other = 0; other < nodes.length; other++) {
    if (other === at) continue;
    if (sent < upTokensPerS) sent += linkTokensPerS(at, other);
    if (received < downTokensPerS) received += linkTokensPerS(other, at);
    if (sent >= upTokensPerS && received >= downTokensPerS) break;
  }
  return Math.max(Math.min(sent, upTokensPerS), Math.min(received, downTokensPerS));
}

/** A token stays in one region, which must hold the whole model, or crosses between regions at least once. */
function regionCut(problem: PlanProblem, lines: readonly number[]): number {
  const { nodes, layers, linkTokensPerS } = problem;
  const members = nodesByRegion(nodes);
  if (members.size === 1) return Number.POSITIVE_INFINITY;
  let total = 0;
  for (const indices of members.values()) {
    const own = indices.map((at) => nodes[at]!);
    if (copiesBound({ ...problem, nodes: own }) === 0) continue;
    total += cappedArea({ layers }, own, indices.map((at) => lines[at]!));
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
