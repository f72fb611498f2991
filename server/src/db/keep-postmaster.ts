/**
 * Starts a cluster's postmaster again whenever it ends by itself: killed, out of memory, or stopped by a full disk.
 *
 * It is watched by its pid, because one found from an earlier start is no child of ours. Backends it left behind hold
 * the cluster's shared memory until they notice, and a new postmaster refuses to start beside them; so starting is
 * tried until it succeeds, with growing pauses.
 */
import type { Logger } from "pino";
import { findPostmaster, isAlive, launchPostmaster, stopPostmaster, untilReady } from "./postmaster.ts";
import type { Cluster } from "./postmaster.ts";

const LOOK_MS = 200;
const PAUSE_FIRST_MS = 100;
/** With a full disk each try is a line in PostgreSQL's own log: this many are bearable for a night. */
const PAUSE_MAX_MS = 5_000;

export class KeptPostmaster {
  readonly #cluster: Cluster;
  readonly #log: Logger;
  readonly #keeping: Promise<void>;
  #pid: number;
  #stopping = false;
  #wake: () => void = () => {};

  /** @param pid  of the postmaster that runs */
  constructor(cluster: Cluster, pid: number, log: Logger) {
    this.#cluster = cluster;
    this.#pid = pid;
    this.#log = log;
    this.#keeping = this.#keep();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await stopPostmaster(this.#pid);
    await this.#keeping;
  }

  async #keep(): Promise<void> {
    for (;;) {
      while (!this.#stopping && isAlive(this.#pid)) await this.#pause(LOOK_MS);
      if (this.#stopping) return;
      this.#log.error({ pid: this.#pid, log: this.#cluster.logFile }, "PostgreSQL ended by itself; starting it again");
      await this.#startAgain();
      if (!this.#stopping) this.#log.info({ pid: this.#pid }, "PostgreSQL runs again");
    }
  }

  async #startAgain(): Promise<void> {
    for (let pauseMs = PAUSE_FIRST_MS; !this.#stopping; pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS)) {
      try {
        this.#pid = findPostmaster(this.#cluster.data)?.pid ?? (await launchPostmaster(this.#cluster));
        return await untilReady(this.#cluster, this.#pid);
      } catch (error) {
        if (pauseMs === PAUSE_MAX_MS) this.#log.debug({ err: error }, "PostgreSQL does not come up yet");
        else this.#log.warn({ err: error, pauseMs }, "PostgreSQL does not come up yet; trying again");
      }
      await this.#pause(pauseMs);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
