/** Looks at the groups and at what machines offer, twice a second: a lost node's group is formed anew at the next look. */
import { guarded } from "@starai/protocol/guarded";
import type { PoolContext } from "../context.ts";

const LOOK_MS = 500;

/** Looks until the returned function is called. */
export function watchGroups({ groups, log }: Pick<PoolContext, "groups" | "log">): () => void {
  const timer = setInterval(
    guarded(log, "a look at groups", () => groups.look()),
    LOOK_MS,
  );
  timer.unref();
  return () => clearInterval(timer);
}
