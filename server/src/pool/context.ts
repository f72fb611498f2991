/** The pool's rung of the contexts: the workers, and what checks the text they send. */
import type { Base } from "../base.ts";
import type { FormFollower } from "../grammar/form-follower.ts";
import type { Vocabularies } from "../vocabulary/vocabularies.ts";
import type { WorkerRegistry } from "./worker-registry.ts";

export interface PoolContext extends Base {
  /** Tokenisers of the catalogue's models, in a child process. */
  readonly vocabularies: Vocabularies;
  /** Follows committed text through its grammar, in a thread. */
  readonly follower: FormFollower;
  /** Live workers. */
  readonly registry: WorkerRegistry;
}
