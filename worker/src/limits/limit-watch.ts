/**
 * The limits that the owner set: looks every few seconds whether this machine may work, and tells when that changes. A machine
 * that stopped because of heat or use comes back only when it is clearly cooler or was left alone for a while, so that it
 * does not come and go.
 */
import os from "node:os";
import type { Logger } from "pino";
import { beginWords, isWithin } from "./hours.ts";
import type { Hours } from "./hours.ts";
import { childrenOf, isBusyWithOthers, othersShare, readCpuTimes, wasTouched } from "./machine-use.ts";
import type { CpuTimes } from "./machine-use.ts";
import { readTemperature } from "./temperature.ts";

export interface Limits {
  readonly hours: Hours | null;
  readonly temperatureMaxC: number | null;
  readonly pausesWhenUsed: boolean;
}

/** Why it rests, and until when, in words; null: it works. */
export type Rest = { why: string; until: string } | null;

/** What it rests for; within one, the words may change without its being news. */
type RestKind = "hours" | "heat" | "use";

/** What was read of the machine; null: it cannot be. */
export interface Readings {
  readonly at: Date;
  readonly temperatureC: number | null;
  readonly inUse: boolean | null;
}

/** What the last looks leave behind. */
export interface LimitState {
  readonly isHot: boolean;
  /** When it was last seen in use, ms since 1970. */
  readonly usedAt: number | null;
}

const LOOK_EVERY_MS = 5_000;
const COOLER_C = 5;
const LEFT_ALONE_MS = 3 * 60_000;

/** Pure. */
export function decideRest(
  limits: Limits,
  seen: Readings,
  before: LimitState,
): { rest: Rest; kind: RestKind | null; state: LimitState } {
  const { hours, temperatureMaxC: maxC, pausesWhenUsed } = limits;
  const isHot =
    maxC !== null && seen.temperatureC !== null && seen.temperatureC > (before.isHot ? maxC - COOLER_C : maxC);
  const usedAt = seen.inUse === true ? seen.at.getTime() : before.usedAt;
  const state = { isHot, usedAt };
  if (hours && !isWithin(hours, seen.at))
    return { rest: { why: "it is outside the hours you set", until: beginWords(hours) }, kind: "hours", state };
  if (isHot)
    return {
      rest: {
        why: `this machine is ${seen.temperatureC} °C hot, and you allow ${maxC}`,
        until: `it has ${maxC - COOLER_C} °C`,
      },
      kind: "heat",
      state,
    };
  if (pausesWhenUsed && usedAt !== null && seen.at.getTime() - usedAt < LEFT_ALONE_MS)
    return {
      rest: { why: "somebody uses this machine", until: "nobody has for three to six minutes" },
      kind: "use",
      state,
    };
  return { rest: null, kind: null, state };
}

/** What of the limits cannot be kept on this machine, in words for its owner. */
export function limitsWithoutEffect(limits: Limits, seen: Readings, seesTerminalsOnly = false): string[] {
  const words: string[] = [];
  if (limits.temperatureMaxC !== null && seen.temperatureC === null)
    words.push("STARAI_MAX_TEMPERATURE has no effect: no temperature of this machine can be read");
  if (limits.pausesWhenUsed && seen.inUse === null)
    words.push(
      `STARAI_PAUSE_WHEN_USED has no effect: whether this machine is in use cannot be read on ${os.platform()}`,
    );
  else if (limits.pausesWhenUsed && seesTerminalsOnly)
    words.push(
      "STARAI_PAUSE_WHEN_USED looks at terminals only: the engine at STARAI_ENGINE_URL keeps the cores busy like any other program",
    );
  return words;
}

export interface LimitWatchOptions {
  onChange: (rest: Rest) => void;
  logger: Logger;
  /** Reads the machine; by default this one. */
  read?: (() => Promise<Readings>) | undefined;
  /** An engine that the worker did not start: its work cannot be told from that of others. */
  hasForeignEngine?: boolean;
}

export class LimitWatch {
  readonly #limits: Limits;
  readonly #onChange: (rest: Rest) => void;
  readonly #log: Logger;
  readonly #read: (() => Promise<Readings>) | null;
  readonly #seesTerminalsOnly: boolean;
  #cpu: CpuTimes | null = null;
  #state: LimitState = { isHot: false, usedAt: null };
  #rest: Rest = null;
  #kind: RestKind | null = null;
  #temperatureC: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(limits: Limits, options: LimitWatchOptions) {
    this.#limits = limits;
    this.#onChange = options.onChange;
    this.#log = options.logger;
    this.#read = options.read ?? null;
    this.#seesTerminalsOnly = options.hasForeignEngine ?? false;
  }

  get rest(): Rest {
    return this.#rest;
  }

  get temperatureC(): number | null {
    return this.#temperatureC;
  }

  /** Looks once, then every few seconds. Returns what cannot be kept here. */
  async start(everyMs = LOOK_EVERY_MS): Promise<string[]> {
    const seen = await this.#look();
    const again = () => {
      if (this.#closed) return;
      this.#timer = setTimeout(() => {
        void this.#look()
          .catch((error: unknown) => this.#log.warn({ err: error }, "the limits could not be looked at"))
          .finally(again);
      }, everyMs);
      this.#timer.unref();
    };
    again();
    return limitsWithoutEffect(this.#limits, seen, this.#seesTerminalsOnly);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #look(): Promise<Readings> {
    const seen = await (this.#read?.() ?? this.#readMachine());
    this.#temperatureC = seen.temperatureC;
    const { rest, kind, state } = decideRest(this.#limits, seen, this.#state);
    this.#state = state;
    const changed = kind !== this.#kind;
    [this.#rest, this.#kind] = [rest, kind];
    if (changed && !this.#closed) this.#onChange(rest);
    return seen;
  }

  async #readMachine(): Promise<Readings> {
    const at = new Date();
    return {
      at,
      temperatureC: await readTemperature(),
      inUse: this.#limits.pausesWhenUsed ? await this.#isUsed(at) : null,
    };
  }

  async #isUsed(at: Date): Promise<boolean | null> {
    if (os.platform() !== "linux") return null;
    const touched = await wasTouched("/dev", at.getTime());
    if (this.#seesTerminalsOnly) return touched;
    const cpu = await readCpuTimes("/proc", await childrenOf("/proc", process.pid));
    const before = this.#cpu;
    this.#cpu = cpu;
    if (touched) return true;
    if (cpu === null || before === null) return touched ?? (cpu === null ? null : false);
    return isBusyWithOthers(othersShare(before, cpu));
  }
}
