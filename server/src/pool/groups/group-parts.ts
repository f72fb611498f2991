/** What groups are made of. */
import type { Base } from "../../base.ts";
import type { Vocabularies } from "../../vocabulary/vocabularies.ts";
import type { TunnelBook } from "../tunnels/tunnel-book.ts";
import type { WorkerRegistry } from "../worker-registry.ts";

export interface GroupParts extends Pick<
  Base,
  "catalogue" | "config" | "events" | "health" | "log" | "monotonic" | "pg"
> {
  readonly registry: WorkerRegistry;
  readonly tunnels: TunnelBook;
  readonly vocabularies: Vocabularies;
}
