/** The clusters that Helix was measured on, as the planner's problems. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { withKinds } from "@starai/server/scheduler/plan/problem";
import type { Placement, PlanProblem } from "@starai/server/scheduler/plan/problem";
import { z } from "zod";

const Range = z.tuple([z.int(), z.int()]).nullable();
const Links = z.union([z.number(), z.array(z.array(z.number()))]);
const Cluster = z.object({
  layers: z.int(),
  activationBytes: z.int(),
  layerBytes: z.number(),
  speeds: z.record(z.string(), z.array(z.number())),
  nodes: z.array(z.string()),
  regions: z.array(z.int()).optional(),
  megabytesPerS: Links,
  oneWayMs: Links,
  published: z.array(Range).optional(),
});

export interface HelixCluster {
  readonly problem: PlanProblem;
  /** The layout that its authors' own solver found; null where they published none. */
  readonly published: Placement | null;
}

export async function readHelixCluster(name: string): Promise<HelixCluster> {
  const file = path.join(import.meta.dirname, `${name.toLowerCase()}.json`);
  const cluster = Cluster.parse(JSON.parse(await readFile(file, "utf8")));
  const nodes = withKinds(
    cluster.nodes.map((type, at) => {
      const speeds = cluster.speeds[type]!;
      return {
        id: `${type}-${at}`,
        region: `${cluster.regions?.[at] ?? 0}`,
        speeds,
        stageS: speeds.map((speed) => (speed === 0 ? 0 : 1 / speed)),
        upTokensPerS: Number.POSITIVE_INFINITY,
        downTokensPerS: Number.POSITIVE_INFINITY,
        pricePerHour: 0n,
      };
    }),
  );
  const hopS = (from: number, to: number) => linkAt(cluster.oneWayMs, from, to) / 1_000;
  return {
    problem: {
      bytesPerLayer: cluster.layerBytes,
      layers: cluster.layers,
      nodes,
      linkTokensPerS: (from, to) => (linkAt(cluster.megabytesPerS, from, to) * 1e6) / cluster.activationBytes,
      hopS,
      returnS: hopS,
    },
    published: cluster.published?.map((range) => range && { from: range[0], to: range[1] }) ?? null,
  };
}

const linkAt = (links: z.infer<typeof Links>, from: number, to: number): number =>
  typeof links === "number" ? links : links[from]![to]!;
