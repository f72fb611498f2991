/** What a closed epoch waits for, in a sentence: for `operator epochs` and the operator's page. */
import type { SeenDistributor } from "../earnings/distributor.ts";
import { planPublishing } from "../earnings/plan-publishing.ts";
import type { EpochRow } from "../earnings/running-epoch.ts";

/** Null: it waits for nothing, or nobody can say. @param seen  null: the chain does not answer */
export function waitsOf(row: EpochRow, seen: SeenDistributor | null): string | null {
  if (row.why !== null) return row.why;
  if (row.state === "closing")
    return "What it gives is being moved to leaves, by a server; `operator epochs propose` does it where none runs.";
  // New machines' pay waited: it went by without a root.
  if (!row.forChain) return "Nothing was released in it, as the pay of new machines waits: it has no root.";
  return seen && waitsFor(row, seen);
}

/** null: nothing. */
function waitsFor(row: EpochRow, seen: SeenDistributor): string | null {
  const plan = planPublishing(row, seen);
  switch (plan.kind) {
    case "done":
      return null;
    case "wait":
      return plan.why;
    case "write_file":
      return "Its file is being written.";
    case "propose":
      return "Its root is to be proposed: a server with the publisher's key (TON_PUBLISHER_SEED) does it.";
    case "activate":
      return "It can be opened: a server with the publisher's key does it, or anybody by `npm run ton -- activate`.";
  }
}
