/** Says in a sentence what a plan is held up by: the machines and links of its least cut. */
import type { Flow } from "./flow.ts";
import type { Placement, PlanProblem } from "./problem.ts";

/** So many names are read; the rest is a number. */
const NAMES_MAX = 4;

export function nameBottleneck({ nodes, layers }: PlanProblem, placement: Placement, flow: Flow): string {
  const { fullNodes, fullLinks, tokensPerS } = flow;
  const carried = `${rounded(tokensPerS)} tokens/s`;
  const parts: string[] = [];
  if (fullNodes.length > 0) {
    const held = fullNodes.map((at) => {
      const { from, to } = placement[at]!;
      const { speeds, upTokensPerS, downTokensPerS, id } = nodes[at]!;
      const line = Math.min(from > 0 ? downTokensPerS : Infinity, to < layers ? upTokensPerS : Infinity);
      return line < speeds[to - from]! ? `${id} by its own line` : `${id} with layers ${from}–${to - 1}`;
    });
    parts.push(`${listed(held)} ${held.length === 1 ? "is" : "are"} fully used`);
  }
  if (fullLinks.length > 0) {
    const links = fullLinks.map(({ from, to }) => `from ${nodes[from]!.id} to ${nodes[to]!.id}`);
    parts.push(
      `the ${links.length === 1 ? "link" : "links"} ${listed(links)} ${links.length === 1 ? "is" : "are"} full`,
    );
  }
  return parts.length === 0 ? `Nothing is full at ${carried}.` : `At ${carried} ${parts.join(", and ")}.`;
}

function listed(names: readonly string[]): string {
  if (names.length > NAMES_MAX) return `${names.slice(0, NAMES_MAX).join(", ")} and ${names.length - NAMES_MAX} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

export function rounded(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}
