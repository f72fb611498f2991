/** Reads the list of machines and links that somebody wrote, and makes a problem of it and a model. */
import { z } from "zod";
import { layerSeconds, layersThatFit } from "./scheduler/plan/cost-model.ts";
import type { ModelWeights, Workload } from "./scheduler/plan/cost-model.ts";
import { withKinds } from "./scheduler/plan/problem.ts";
import type { PlanProblem } from "./scheduler/plan/problem.ts";

const Name = z.string().min(1).max(100);
/** Faster than any memory bus, or a day: a slip of the unit. */
const LayerMs = z.number().positive().min(1e-4).max(86_400_000);
const Share = z.number().min(0).max(86_400_000);
const Megabits = z.number().positive().max(10_000_000);

const Machine = z.strictObject({
  id: Name,
  region: Name.default("home"),
  /** What is free for weights and KV, in units of 10⁹ bytes. */
  freeGb: z.number().positive().max(100_000),
  /** Measured, for one layer of this very model: α, β and γ of the cost model, in milliseconds. */
  layerMs: LayerMs,
  layerMsPerToken: Share.default(0),
  layerMsPerContextToken: Share.default(0),
  upMbps: Megabits.default(10_000_000),
  downMbps: Megabits.default(10_000_000),
  /** In whole nano units of a coin an hour, as a decimal string. */
  pricePerHour: z
    .string()
    .regex(/^\d{1,30}$/)
    .default("0"),
});

const Link = z.strictObject({
  /** A machine's id or a region's name. */
  from: Name,
  to: Name,
  oneWayMs: z.number().min(0).max(60_000),
  mbps: z.number().min(0).max(10_000_000).default(10_000_000),
});

export const MachinesFile = z.strictObject({
  machines: z.array(Machine).min(1).max(100_000),
  /** Both directions; what is not named is that of its regions, and within one region 1 ms. The last one that fits counts. */
  links: z.array(Link).max(100_000).default([]),
});
export type MachinesFile = z.infer<typeof MachinesFile>;

/** Within a home or a machine hall. */
const NEAR_MS = 1;
/** Between regions of which nothing is said: across a continent. */
const FAR_MS = 40;

export function problemOf(file: MachinesFile, model: ModelWeights, workload: Workload): PlanProblem {
  const { machines } = file;
  const tokensPerS = (mbps: number): number => bytesPerS(mbps) / model.activationBytesPerToken;
  const nodes = machines.map((machine) => {
    const time = {
      baseS: machine.layerMs / 1e3,
      perTokenS: machine.layerMsPerToken / 1e3,
      perContextTokenS: machine.layerMsPerContextToken / 1e3,
    };
    const layerS = layerSeconds(time, workload);
    const most = layersThatFit(model, machine.freeGb * 1e9, workload);
    const stageS = Array.from({ length: most + 1 }, (_, k) => k * layerS);
    return {
      id: machine.id,
      region: machine.region,
      stageS,
      speeds: stageS.map((seconds) => (seconds === 0 ? 0 : workload.batch / seconds)),
      upTokensPerS: tokensPerS(machine.upMbps),
      downTokensPerS: tokensPerS(machine.downMbps),
      pricePerHour: BigInt(machine.pricePerHour),
    };
  });
  const link = linksBetween(file);
  const lineMbps = (from: number, to: number): number =>
    Math.min(link(from, to).mbps, machines[from]!.upMbps, machines[to]!.downMbps);
  return {
    layers: model.layers,
    bytesPerLayer:
      model.layerBytes + model.kvBytesPerTokenLayer * workload.batch * workload.inFlight * workload.contextTokens,
    nodes: withKinds(nodes),
    linkTokensPerS: (from, to) => tokensPerS(link(from, to).mbps),
    hopS: (from, to) => {
      const bytes = model.activationBytesPerToken * workload.batch;
      return link(from, to).oneWayMs / 1e3 + bytes / bytesPerS(lineMbps(from, to));
    },
    returnS: (from, to) => (from === to ? 0 : link(from, to).oneWayMs / 1e3),
  };
}

const bytesPerS = (mbps: number): number => (mbps * 1e6) / 8;

interface LinkFound {
  readonly oneWayMs: number;
  readonly mbps: number;
}

function linksBetween({ machines, links }: MachinesFile): (from: number, to: number) => LinkFound {
  const named = new Map<string, LinkFound>();
  for (const link of links) {
    named.set(JSON.stringify([link.from, link.to]), link);
    named.set(JSON.stringify([link.to, link.from]), link);
  }
  const find = (from: string, to: string): LinkFound | undefined => named.get(JSON.stringify([from, to]));
  const any = (from: number, to: number): LinkFound => {
    const [a, b] = [machines[from]!, machines[to]!];
    const near = { oneWayMs: a.region === b.region ? NEAR_MS : FAR_MS, mbps: 10_000_000 };
    return find(a.id, b.id) ?? find(a.id, b.region) ?? find(a.region, b.id) ?? find(a.region, b.region) ?? near;
  };
  // Asked again and again for the same pair; a problem has two thousand nodes at most.
  const known = new Map<number, LinkFound>();
  return (from, to) => {
    const key = from * machines.length + to;
    const before = known.get(key);
    if (before) return before;
    const found = any(from, to);
    known.set(key, found);
    return found;
  };
}

/** Names in links that are neither a machine's nor a region's: slips of the pen. */
export function unknownNames({ machines, links }: MachinesFile): string[] {
  const known = new Set(machines.flatMap(({ id, region }) => [id, region]));
  return [...new Set(links.flatMap(({ from, to }) => [from, to]).filter((name) => !known.has(name)))];
}
