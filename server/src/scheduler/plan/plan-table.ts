/** A plan as a table that a person reads. */
import { rounded } from "./bottleneck.ts";
import type { Plan } from "./plan.ts";
import type { PlanProblem } from "./problem.ts";

export function planTable({ nodes, layers }: PlanProblem, plan: Plan): string[] {
  const used = nodes.flatMap((node, at) => {
    const range = plan.placement[at];
    return range ? [{ node, range }] : [];
  });
  used.sort((a, b) => a.range.from - b.range.from || a.range.to - b.range.to);
  const rows = used.map(({ node, range }) => [
    node.id,
    node.region,
    `${range.from}–${range.to - 1}`,
    `${range.to - range.from} of ${Math.min(layers, node.speeds.length - 1)}`,
    rounded(node.speeds[range.to - range.from]!),
  ]);
  const idle = nodes.filter((_, at) => !plan.placement[at]).map(({ id }) => id);
  return [
    ...columns([["machine", "region", "layers", "of what fits", "tokens/s alone"], ...rows]),
    "",
    `${rounded(plan.tokensPerS)} tokens/s over ${used.length} machines; a token takes at most ${rounded(plan.secondsPerToken * 1_000)} ms.`,
    ...(plan.pricePerHour > 0n ? [`Price: ${plan.pricePerHour} nano an hour.`] : []),
    ...(plan.groups
      ? [
          `Pipelines: ${plan.groups.map(({ stages }) => stages.map(({ node }) => nodes[node]!.id).join(" → ")).join("; ")}.`,
        ]
      : []),
    ...(idle.length > 0
      ? [`Not needed: ${idle.slice(0, IDLE_NAMES_MAX).join(", ")}${idle.length > IDLE_NAMES_MAX ? " and others" : ""}.`]
      : []),
    plan.bottleneck,
    boundLine(plan),
  ];
}

const IDLE_NAMES_MAX = 20;

function boundLine({ gap, bound, objective }: Plan): string {
  if (gap < 1e-6)
    return `It is proved: no ${objective === "throughput" ? "plan" : "division into separate pipelines"} is better.`;
  const value = {
    throughput: `${rounded(bound)} tokens/s`,
    latency: `${rounded(bound * 1_000)} ms a token`,
    cost: `${Math.ceil(bound)} nano an hour`,
  };
  return `No plan can beat ${value[objective]}: this one is at most ${(gap * 100).toFixed(1)} % from the best.`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
