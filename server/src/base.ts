/** The lowest rung of the contexts: the base of everything in the server. It knows none of the server's parts. */
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Catalogue } from "@starai/protocol/catalogue";
import type { Config } from "./config.ts";
import type { Database } from "./db/executor.ts";
import type { Events } from "./events/events.ts";
import type { Health } from "./health.ts";

export interface Base {
  readonly config: Config;
  readonly log: Logger;
  /** What an operator wants to know: the log's lines and the metrics' counts. */
  readonly events: Events;
  readonly db: Database;
  readonly pg: Pool;
  /** Health of this server's parts; faults of the database are reported to it. */
  readonly health: Health;
  readonly catalogue: Catalogue;
  /** Wall time in ms: for what is stored or shown. It may jump, so nothing is timed by it. */
  readonly clock: () => number;
  /** Ms since some moment of this process, never set: for deadlines, silences and pauses within it. */
  readonly monotonic: () => number;
  readonly random: () => number;
}
