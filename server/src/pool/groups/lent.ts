/** What machines lend to other people's heads, as anybody may know it. Pure. */
import { LENT_BUILDS_MAX } from "@starai/protocol/pool-prices";
import type { Lent } from "@starai/protocol/pool-prices";
import { GROUP_NODES_MAX } from "@starai/protocol/split";
import type { GroupSnapshot } from "../../scheduler/groups/form-groups.ts";

/** So rounded down, a size does not tell one machine from another. */
const STEP_BYTES = 100_000_000;

/** The builds with the largest machines first. */
export function lentOf({ offers, groups }: Pick<GroupSnapshot, "offers" | "groups">): Lent[] {
  const taken = new Set(groups.flatMap(({ workers }) => workers));
  const lent = new Map<string, number[]>();
  const free = offers.filter(({ serves, worker }) => serves === "pool" && !taken.has(worker));
  for (const { build, memoryBytes } of free.toSorted((one, other) => other.memoryBytes - one.memoryBytes)) {
    const bytes = Math.floor(memoryBytes / STEP_BYTES) * STEP_BYTES;
    if (bytes === 0) break;
    const known = lent.get(build) ?? [];
    if (known.length < GROUP_NODES_MAX) lent.set(build, [...known, bytes]);
  }
  return [...lent].slice(0, LENT_BUILDS_MAX).map(([build, memoryBytes]) => ({ build, memoryBytes }));
}
