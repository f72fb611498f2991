/** What every verb is given: the server's parts, made once by `start.ts` and never found through globals. */
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Catalogue } from "@starai/protocol/catalogue";
import type { Config } from "./config.ts";
import type { Health } from "./health.ts";
import type { FormFollower } from "./grammar/form-follower.ts";
import type { AnswerForms } from "./gateway/answer-forms.ts";
import type { JobDesk } from "./jobs/job-desk.ts";
import type { WorkerRegistry } from "./pool/worker-registry.ts";
import type { ThreadTitles } from "./agent/thread-titles.ts";
import type { RunDesk } from "./agent/run-desk.ts";
import type { ChangeFeed } from "./changes/change-feed.ts";
import type { OpenStreams } from "./sessions/open-streams.ts";
import type { Vocabularies } from "./vocabulary/vocabularies.ts";

export type Database = NodePgDatabase;

export interface AppContext {
  readonly config: Config;
  readonly log: Logger;
  readonly db: Database;
  readonly pg: Pool;
  /** What of this server works, and who is told of the database's faults. */
  readonly health: Health;
  readonly catalogue: Catalogue;
  /** Tokenisers of the catalogue's models, in a child process. */
  readonly vocabularies: Vocabularies;
  /** Follows committed text through its grammar, in a thread. */
  readonly follower: FormFollower;
  /** Forms of answers that callers ask for, read in a thread. */
  readonly forms: AnswerForms;
  /** Live workers. */
  readonly registry: WorkerRegistry;
  /** Live jobs: the queue, and whoever listens. */
  readonly desk: JobDesk;
  /** Live runs. */
  readonly runs: RunDesk;
  /** Names of conversations, being made. */
  readonly titles: ThreadTitles;
  /** Who is told that something of theirs changed. */
  readonly changes: ChangeFeed;
  /** Streams opened under a session, to be ended with it. */
  readonly streams: OpenStreams;
  /** Wall time in ms: for what is stored or shown. It may jump, so nothing waits by it. */
  readonly clock: () => number;
  /** Ms since some moment of this process, never set: for deadlines, silences and pauses within it. */
  readonly monotonic: () => number;
  readonly random: () => number;
}
