/** What the connected machines lend to groups now, and what a decision about groups is made from. */
import { isPaused } from "../../scheduler/eligibility.ts";
import type { Bar, GroupSnapshot, Offer } from "../../scheduler/groups/form-groups.ts";
import type { ConnectedWorker } from "../connected-worker.ts";
import type { Group } from "./group.ts";
import type { GroupParts } from "./group-parts.ts";

type Parts = Pick<GroupParts, "catalogue" | "config" | "registry">;

/** What the pool makes of a machine's offer. Null: it lends nothing. */
export function offerOf(
  { config, registry }: Parts,
  connected: ConnectedWorker,
  /** The share of the memory it names that it is believed to have. */
  believed: number,
): Offer | null {
  const { split } = connected.facts;
  if (split === null) return null;
  const { person, stake } = registry.owners.ownerOf(connected.id);
  const memoryBytes = Math.floor(split.memoryBytes * believed);
  return { ...split, memoryBytes, worker: connected.id, person, isTrusted: stake >= config.groupStake };
}

export function groupSnapshot(
  ctx: Parts,
  {
    groups,
    bars,
    believed,
    now,
  }: {
    groups: readonly Group[];
    bars: readonly Bar[];
    believed: (connected: ConnectedWorker) => number;
    now: number;
  },
): GroupSnapshot {
  const connected = ctx.registry.connectedWorkers().filter(({ leaving, drained }) => !leaving && !drained);
  const heads = new Map(groups.map(({ head, plan }) => [head.connected, plan.model.id]));
  const servedAlone = connected.flatMap((worker) =>
    worker.facts.models.map(({ id }) => id).filter((id) => heads.get(worker) !== id),
  );
  return {
    now,
    offers: connected
      .filter(({ record }) => !isPaused(record, now))
      .flatMap((worker) => offerOf(ctx, worker, believed(worker)) ?? []),
    catalogue: ctx.catalogue,
    servedAlone: new Set(servedAlone),
    groups: groups.map(({ plan, head, members }) => ({
      model: plan.model.id,
      person: head.person,
      workers: members.map((member) => member.connected.id),
    })),
    bars,
  };
}
