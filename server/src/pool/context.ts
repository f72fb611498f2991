/** The pool's rung of the contexts: the workers, and what checks the text they send. */
import type { ContributorContext } from "../contributors/context.ts";
import type { FormFollower } from "../grammar/form-follower.ts";
import type { Vocabularies } from "../vocabulary/vocabularies.ts";
import type { GroupBook } from "./groups/group-book.ts";
import type { NoteSender } from "./note-sender.ts";
import type { TunnelBook } from "./tunnels/tunnel-book.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

export interface PoolContext extends ContributorContext {
  /** Tokenisers of the catalogue's models, in a child process. */
  readonly vocabularies: Vocabularies;
  /** Follows committed text through its grammar, in a thread. */
  readonly follower: FormFollower;
  /** Tells workers what they were credited. */
  readonly notes: NoteSender;
  /** Live workers. */
  readonly registry: WorkerRegistry;
  /** Between the machines of groups. */
  readonly tunnels: TunnelBook;
  /** Models that several machines serve together. */
  readonly groups: GroupBook;
}
