/**
 * The only clock of a stack with an embedded chain: this machine's time plus an offset that only grows. Moving it
 * forward lets unbonding periods and delays pass; code that compares with chain time (wallets, jobs, the ledger) must
 * read this clock, never Date.now.
 */
import fs from "node:fs";
import path from "node:path";
import { z } from "zod";
import { makePrivateFolder } from "../private-folder.ts";

/** 2100-01-01. Chain time is a uint32 of seconds, which ends in 2106. */
const END_MS = Date.UTC(2100, 0, 1);

const Kept = z.object({ offsetMs: z.number().int().nonnegative().max(END_MS) });

export class ChainClock {
  readonly #file: string;
  readonly #machine: () => number;
  #offsetMs: number;

  /**
   * Reads the offset stored in `folder`; zero when there is none. `machine` returns the machine's time, ms since 1970.
   * @throws when the file holds no valid offset, since starting at zero would move chain time backwards
   */
  constructor(folder: string, machine: () => number = Date.now) {
    this.#file = path.join(folder, "clock.json");
    this.#machine = machine;
    this.#offsetMs = fs.existsSync(this.#file) ? readOffset(this.#file) : 0;
  }

  /** Milliseconds since 1970. */
  now = (): number => this.#machine() + this.#offsetMs;

  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Moves time forward and keeps the new offset. @throws RangeError when it would go backwards or past 2099. */
  advance(ms: number): void {
    if (!Number.isSafeInteger(ms) || ms < 0) throw new RangeError("Time can only move forward, by whole milliseconds.");
    if (this.now() + ms > END_MS) throw new RangeError("Chain time ends with the year 2099: advance by less.");
    const offsetMs = this.#offsetMs + ms;
    makePrivateFolder(path.dirname(this.#file));
    // Written to a temporary file and renamed, so that a kill leaves either the old offset or the new one.
    fs.writeFileSync(`${this.#file}.new`, JSON.stringify({ offsetMs }), { mode: 0o600, flush: true });
    fs.renameSync(`${this.#file}.new`, this.#file);
    this.#offsetMs = offsetMs;
  }
}

function readOffset(file: string): number {
  try {
    return Kept.parse(JSON.parse(fs.readFileSync(file, "utf8"))).offsetMs;
  } catch (error) {
    throw new Error(`${file} is damaged. Write {"offsetMs": N} with the old offset into it, or move the folder away.`, {
      cause: error,
    });
  }
}
