/** Why there is no plan: the constraint that binds, and the least change that would make one possible. */
import { upperBound } from "./bounds.ts";
import { rounded } from "./bottleneck.ts";
import type { Group } from "./groups.ts";
import { layersMax } from "./problem.ts";
import type { PlanProblem } from "./problem.ts";

export interface Refusal {
  readonly kind: "refusal";
  readonly constraint: "nodes" | "memory" | "links" | "latency" | "throughput";
  readonly message: string;
}

/** Links are looked at by pairs: more nodes would take minutes, and are better planned region by region. */
export const NODES_MAX = 2_000;

interface Limits {
  readonly tokensPerS?: number;
  readonly secondsPerTokenMax?: number;
}

const refuse = (constraint: Refusal["constraint"], message: string): Refusal => ({
  kind: "refusal",
  constraint,
  message,
});

/** @returns null where nothing forbids a plan beforehand */
export function whyInfeasible(problem: PlanProblem, { tokensPerS = 0 }: Limits): Refusal | null {
  const { nodes } = problem;
  if (nodes.length === 0) return refuse("nodes", "There is no machine to plan with: name at least one.");
  if (nodes.length > NODES_MAX) {
    const message = `${nodes.length} machines are more than the ${NODES_MAX} that are planned at once: plan each region on its own.`;
    return refuse("nodes", message);
  }
  const twice = firstTwice(nodes.map(({ id }) => id));
  if (twice !== null) return refuse("nodes", `Two machines are called ${twice}: give each its own id.`);
  return tooSmall(problem) ?? apart(problem) ?? tooMuchAsked(problem, tokensPerS);
}

function firstTwice(ids: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return null;
}

function tooSmall({ nodes, layers, bytesPerLayer }: PlanProblem): Refusal | null {
  const held = nodes.reduce((sum, node) => sum + Math.min(layers, layersMax(node)), 0);
  if (held >= layers) return null;
  const missing = layers - held;
  const message = `The machines hold ${held} of ${layers} layers together: it needs ${gigabytes(missing * bytesPerLayer)} more for the other ${missing}.`;
  return refuse("memory", message);
}

/** Machines that reach each other in both directions must hold the model together. */
function apart(problem: PlanProblem): Refusal | null {
  const { nodes, layers, bytesPerLayer, linkTokensPerS } = problem;
  if (nodes.some((node) => layersMax(node) >= layers)) return null;
  const joined = nodes.map(() => -1);
  const islands: { members: number[]; held: number }[] = [];
  for (const start of nodes.keys()) {
    if (joined[start] !== -1) continue;
    const members = [start];
    joined[start] = islands.length;
    for (const at of members) {
      for (const to of nodes.keys()) {
        if (joined[to] !== -1 || (linkTokensPerS(at, to) <= 0 && linkTokensPerS(to, at) <= 0)) continue;
        joined[to] = islands.length;
        members.push(to);
      }
    }
    islands.push({ members, held: members.reduce((sum, at) => sum + layersMax(nodes[at]!), 0) });
  }
  islands.sort((a, b) => b.held - a.held);
  const [largest, next] = islands;
  if (!largest || largest.held >= layers) return null;
  const missing = layers - largest.held;
  const link = next ? `a link between ${nodes[largest.members[0]!]!.id} and ${nodes[next.members[0]!]!.id}, or ` : "";
  const message = `No machines with links between them hold more than ${largest.held} of ${layers} layers: it needs ${link}${gigabytes(missing * bytesPerLayer)} more beside ${nodes[largest.members[0]!]!.id}.`;
  return refuse("links", message);
}

function tooMuchAsked(problem: PlanProblem, tokensPerS: number): Refusal | null {
  const bound = upperBound(problem);
  if (bound.tokensPerS <= 0) return refuse("memory", "Not one whole copy of the model fits: it needs more memory.");
  if (tokensPerS <= bound.tokensPerS) return null;
  const what = bound.kind === "links" ? "links" : "machines";
  const message = `${rounded(tokensPerS)} tokens/s are more than the ${rounded(bound.tokensPerS)} that these ${what} allow at most: ask for less, or bring ${rounded(tokensPerS / bound.tokensPerS)} times as much of them.`;
  return refuse("throughput", message);
}

/** What the quickest plan that carries enough lacks; null stands for none that carries enough. */
export function tooLate(problem: PlanProblem, limits: Limits, quickest: readonly Group[] | null): Refusal {
  const { tokensPerS = 0, secondsPerTokenMax } = limits;
  if (quickest === null || secondsPerTokenMax === undefined) {
    const message = `No separate pipelines were found that carry ${rounded(tokensPerS)} tokens/s: ask for less, or add machines.`;
    return refuse("throughput", message);
  }
  const slowest = quickest.reduce((a, b) => (b.secondsPerToken > a.secondsPerToken ? b : a));
  const over = slowest.secondsPerToken - secondsPerTokenMax;
  if (over <= 0) {
    const message = `What is quick enough carries less than ${rounded(tokensPerS)} tokens/s: ask for less, or allow more than ${milliseconds(secondsPerTokenMax)} a token.`;
    return refuse("throughput", message);
  }
  const least = `the quickest takes ${milliseconds(slowest.secondsPerToken)} a token, ${milliseconds(secondsPerTokenMax)} are allowed`;
  return refuse("latency", `${capitalised(least)}: ${leastChange(problem, slowest, over)}.`);
}

/** The link with the longest way would have to be shorter; where that is not enough, what is allowed would have to be more. */
function leastChange({ nodes, hopS }: PlanProblem, { stages, secondsPerToken }: Group, over: number): string {
  const enough = `allow ${milliseconds(secondsPerToken)} or more`;
  let longest: { from: number; to: number; seconds: number } | null = null;
  for (let at = 1; at < stages.length; at++) {
    const [from, to] = [stages[at - 1]!.node, stages[at]!.node];
    const seconds = hopS(from, to);
    if (longest === null || seconds > longest.seconds) longest = { from, to, seconds };
  }
  if (longest === null || longest.seconds <= over) return enough;
  const round = 2 * (longest.seconds - over);
  return `the round trip between ${nodes[longest.from]!.id} and ${nodes[longest.to]!.id} must fall under ${milliseconds(round)}, or ${enough}`;
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const milliseconds = (seconds: number): string => `${(seconds * 1_000).toFixed(seconds < 0.01 ? 2 : 1)} ms`;

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
