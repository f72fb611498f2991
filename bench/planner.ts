/** The planner beside published figures and brute force: what its plans carry, how far from the bound, and for how much processor time. */
import os from "node:os";
import process from "node:process";
import { drawsFrom } from "@starai/server/scheduler/draws";
import { evaluatePlacement } from "@starai/server/scheduler/plan/evaluate";
import { makePlan } from "@starai/server/scheduler/plan/plan";
import type { Plan } from "@starai/server/scheduler/plan/plan";
import { FREE_LINKS, withKinds } from "@starai/server/scheduler/plan/problem";
import type { Placement, PlanProblem } from "@starai/server/scheduler/plan/problem";
import { replanAfterLoss } from "@starai/server/scheduler/plan/replan";
import { median } from "./median.ts";
import { readHelixCluster } from "./planner/helix.ts";

/** What Helix's authors print for their own solver: tokens per second and seconds, on 14 to 20 threads. */
const PUBLISHED = [
  { name: "C10", tokensPerS: 286.587, time: "3,803 s, proved" },
  { name: "C24", tokensPerS: 1_289.56, time: "600 s" },
  { name: "C24g", tokensPerS: 1_212.18, time: "2,700 s" },
  { name: "C42", tokensPerS: 4_892.24, time: "4,382 s" },
] as const;

export async function measurePlanner(): Promise<string[]> {
  const load = os.loadavg()[0]!.toFixed(1);
  return [
    `Seconds are processor time of one process; the machine's load was ${load}. "Checked" is a plain maximum flow that shares nothing with the planner.`,
    "",
    "| cluster | published tokens/s | its layout here | published time | ours tokens/s | checked | bound | gap | CPU s |",
    "|---|---:|---:|---|---:|---:|---:|---:|---:|",
    ...(await clusters()),
    "",
    "| random machines | instances | proved | gap, median | gap, worst | CPU ms, median | CPU ms, worst |",
    "|---|---:|---:|---:|---:|---:|---:|",
    ...few(),
    "",
    "| cards of 6 to 24 GB, 126 layers | ours tokens/s | checked | bound | gap | CPU s |",
    "|---|---:|---:|---:|---:|---:|",
    ...[300, 1_000].map(many),
    "",
    "| one machine is lost | losses | still carries | layers moved, of those lost | CPU ms, median | CPU ms, worst |",
    "|---|---:|---:|---:|---:|---:|",
    ...(await losses()),
  ];
}

function planned(
  problem: PlanProblem,
  objective: "throughput" | "latency" = "throughput",
): { plan: Plan; seconds: number } {
  const began = process.cpuUsage();
  const plan = makePlan(problem, { objective, draw: drawsFrom(1) });
  const seconds = secondsSince(began);
  if (plan.kind === "refusal") throw new Error(plan.message);
  return { plan, seconds };
}

function secondsSince(began: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(began);
  return (user + system) / 1e6;
}

async function clusters(): Promise<string[]> {
  const lines: string[] = [];
  for (const { name, tokensPerS, time } of PUBLISHED) {
    const { problem, published } = await readHelixCluster(name);
    const theirs = published ? evaluatePlacement(problem, published).toFixed(2) : "–";
    const { plan, seconds } = planned(problem);
    const checked = evaluatePlacement(problem, plan.placement);
    const ours = [plan.tokensPerS, checked, plan.bound].map((each) => each.toFixed(2)).join(" | ");
    lines.push(
      `| ${name} | ${tokensPerS} | ${theirs} | ${time} | ${ours} | ${percent(plan.gap)} | ${seconds.toFixed(2)} |`,
    );
  }
  return lines;
}

const INSTANCES = 40;

/** Machines of any speed and memory that hold about one and a half copies of the model. */
function few(): string[] {
  return [6, 10].flatMap((count) =>
    (["throughput", "latency"] as const).map((objective) => {
      const results = Array.from({ length: INSTANCES }, (_, seed) => planned(fewMachines(count, seed), objective));
      const gaps = results.map(({ plan }) => plan.gap);
      const times = results.map(({ seconds }) => seconds * 1_000);
      const proved = gaps.filter((gap) => gap < 1e-6).length;
      const figures = [
        percent(median(gaps)),
        percent(Math.max(...gaps)),
        median(times).toFixed(0),
        Math.max(...times).toFixed(0),
      ];
      return `| ${count}, 32 layers, ${objective === "latency" ? "least latency" : "throughput"} | ${INSTANCES} | ${proved} | ${figures.join(" | ")} |`;
    }),
  );
}

function fewMachines(count: number, seed: number): PlanProblem {
  const draw = drawsFrom(seed);
  const layers = 32;
  const nodes = Array.from({ length: count }, (_, at) => {
    const most = Math.ceil((layers * (0.5 + 2 * draw())) / count);
    return machine(`m${at}`, { most: Math.min(most + 2, layers), work: 500 + 1_000 * draw() });
  });
  return {
    layers,
    bytesPerLayer: 1e9,
    nodes: withKinds(nodes),
    ...FREE_LINKS,
    hopS: (from, to) => (5 + ((from * 7 + to * 3) % 40)) / 1_000,
  };
}

function machine(id: string, { most, work }: { readonly most: number; readonly work: number }) {
  const speeds = [0, ...Array.from({ length: most }, (_, k) => work / (k + 1))];
  const stageS = speeds.map((speed) => (speed === 0 ? 0 : 1 / speed));
  const line = Number.POSITIVE_INFINITY;
  return { id, region: "home", speeds, stageS, upTokensPerS: line, downTokensPerS: line, pricePerHour: 0n };
}

function manyCards(count: number): PlanProblem {
  const draw = drawsFrom(count);
  const nodes = Array.from({ length: count }, (_, at) => {
    // Layers of about 2 GB on cards of 6, 8, 12, 16 and 24 GB.
    const most = [2, 3, 5, 7, 11][Math.floor(draw() * 5)]!;
    return machine(`card-${at}`, { most, work: (0.5 + draw()) * most * 100 });
  });
  return { layers: 126, bytesPerLayer: 2e9, nodes: withKinds(nodes), ...FREE_LINKS };
}

function many(count: number): string {
  const problem = manyCards(count);
  const { plan, seconds } = planned(problem);
  const checked = evaluatePlacement(problem, plan.placement);
  const figures = [plan.tokensPerS, checked, plan.bound].map((each) => each.toFixed(1)).join(" | ");
  return `| ${count} | ${figures} | ${percent(plan.gap)} | ${seconds.toFixed(2)} |`;
}

/** A plan is kept up at nine tenths of what it carried, and at half where a chain has no second machine for a layer. */
async function losses(): Promise<string[]> {
  const c42 = (await readHelixCluster("C42")).problem;
  return [
    lossesOf("C42, to half", c42, 0.5),
    lossesOf("300 cards, to nine tenths", manyCards(300), 0.9),
    lossesOf("1,000 cards, to nine tenths", manyCards(1_000), 0.9),
  ];
}

/** Of a thousand machines some tell enough. */
const LOSSES_MAX = 60;

function lossesOf(name: string, problem: PlanProblem, part: number): string {
  const { plan } = planned(problem);
  const used = [...plan.placement.keys()].filter((at) => plan.placement[at] !== null);
  const tried = used.filter((_, at) => at % Math.ceil(used.length / LOSSES_MAX) === 0);
  const times: number[] = [];
  let [kept, moved, gone] = [0, 0, 0];
  for (const lost of tried) {
    const began = process.cpuUsage();
    const next = replanAfterLoss(problem, { placement: plan.placement, lost, tokensPerS: plan.tokensPerS * part });
    times.push(secondsSince(began) * 1_000);
    if (next && checkedTokensPerS(problem, next.placement) >= plan.tokensPerS * part * (1 - 1e-9)) kept++;
    moved += next?.movedLayers ?? 0;
    gone += plan.placement[lost]!.to - plan.placement[lost]!.from;
  }
  return `| ${name} | ${tried.length} | ${kept} | ${moved} of ${gone} | ${median(times).toFixed(1)} | ${Math.max(...times).toFixed(1)} |`;
}

/** Without links the lowest stack is what is carried; a maximum flow says the same and takes seconds for a thousand. */
function checkedTokensPerS(problem: PlanProblem, placement: Placement): number {
  const height = new Float64Array(problem.layers);
  for (const [at, range] of placement.entries()) {
    if (range)
      for (let layer = range.from; layer < range.to; layer++)
        height[layer]! += problem.nodes[at]!.speeds[range.to - range.from]!;
  }
  return Math.min(...height);
}

const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;
