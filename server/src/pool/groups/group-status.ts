/** A group as anybody may see it. */
import { GROUPS_SHOWN_MAX } from "@starai/protocol/pool-status";
import type { PoolGroup } from "@starai/protocol/pool-status";
import type { Group } from "./group.ts";

/** Fitted on llama.cpp's RPC 5.0.0: what a token takes between the head and one node. */
const TRIPS_PER_NODE = 3;
/** Where the way takes more than this share of a token's time, faster machines would help less than a shorter way. */
const NETWORK_SHARE = 1 / 2;

/** Those that are shown: what answers people before what may. */
export function shownGroups(groups: Iterable<Group>): Group[] {
  const all = [...groups].toSorted((one, other) => Number(other.phase === "up") - Number(one.phase === "up"));
  return all.slice(0, GROUPS_SHOWN_MAX);
}

/** @param roundTripMs  between the head and its nodes, as measured; null: not yet */
export function groupStatus({ plan, members, nodes, head, phase }: Group, roundTripMs: number | null): PoolGroup {
  const { model } = plan;
  const isUp = phase === "up";
  const decodeTokensPerS = (isUp ? head.connected.record.pace(model.id).measured?.decodeTokensPerS : null) ?? null;
  const tripsMs = roundTripMs === null ? null : roundTripMs * TRIPS_PER_NODE * nodes.length;
  return {
    model: model.id,
    name: model.name,
    isUp,
    done: isUp ? 1 : members.reduce((sum, { done }) => sum + done, 0) / members.length,
    members: members.map(({ connected, firstLayer, layers, state }) => ({
      name: connected.facts.name,
      firstLayer,
      layers,
      isPreparing: state === "preparing",
    })),
    decodeTokensPerS,
    limitedBy: limitedBy(decodeTokensPerS, tripsMs),
  };
}

function limitedBy(decodeTokensPerS: number | null, tripsMs: number | null): PoolGroup["limitedBy"] {
  if (decodeTokensPerS === null) return null;
  return tripsMs !== null && tripsMs > (1_000 / decodeTokensPerS) * NETWORK_SHARE ? "network" : "machines";
}
