/** The three rules: which machine a request goes to. */
import type { Speeds } from "../../server/src/pool/pace.ts";
import { askFor } from "../../server/src/scheduler/ask.ts";
import { decide } from "../../server/src/scheduler/decide.ts";
import { drawsFrom } from "../../server/src/scheduler/draws.ts";
import type { WaitingJob, WorkerView } from "../../server/src/scheduler/snapshot.ts";
import { SLOTS } from "./pool.ts";
import type { Machine, Running, Waiting } from "./pool.ts";

/** What a rule may know of a machine: what was seen of it, never how it is made. */
export interface Seen {
  readonly machine: Machine;
  readonly running: readonly Running[];
  /** Waiting for this very machine. */
  readonly queued: number;
  readonly completed: number;
  readonly failed: number;
  /** Of its ended tries, ms; null before the first. */
  readonly meanMs: number | null;
  /** Its speeds as the pool would expect them: measured from its tries, and before the first as it claims. */
  readonly expected: Speeds;
}

export interface Rule {
  readonly name: string;
  /** Whether a request waits for its machine, or for whichever comes free. */
  readonly queuesAtMachine: boolean;
  /** Index of the machine; null: it waits. */
  choose(waiting: Waiting, seen: readonly Seen[], now: number): number | null;
}

/** The server's own scheduler, with what a request is quoted at when it comes. */
export function ours(seed: number): Rule {
  const quotes = new Map<number, number>();
  let asked = 0;
  return {
    name: "StarAI",
    queuesAtMachine: false,
    choose(waiting, seen, now) {
      const workers = seen.map(viewOf);
      const { id } = waiting.request;
      const job = jobOf(waiting, now);
      const quote = quotes.get(id) ?? askFor(job, { workers, now }) ?? 100;
      quotes.set(id, quote);
      const snapshot = { now, waiting: [{ ...job, askPercentMax: quote }], workers, servedAt: new Map() };
      const [granted] = decide(snapshot, seed + asked++);
      return granted === undefined ? null : seen.findIndex(({ machine }) => machine.id === granted.worker);
    },
  };
}

/** The least of running tries times the mean time of a try; of equals by chance. */
export function runningByMeanTime(seed: number): Rule {
  const draw = drawsFrom(seed);
  return {
    name: "running × mean time (Cocoon)",
    queuesAtMachine: false,
    choose(_, seen) {
      const free = seen.flatMap((one, at) => (one.running.length < SLOTS ? [at] : []));
      const cost = (at: number) => seen[at]!.running.length * (seen[at]!.meanMs ?? 0);
      const least = Math.min(...free.map(cost));
      const equals = free.filter((at) => cost(at) === least);
      return equals[Math.floor(draw() * equals.length)] ?? null;
    },
  };
}

/** Any machine, by chance as its weight; it waits there. */
export function randomExecutor(seed: number): Rule {
  const draw = drawsFrom(seed);
  return {
    name: "random executor (Gonka)",
    queuesAtMachine: true,
    choose(_, seen) {
      const sum = seen.reduce((all, { machine }) => all + machine.weight, 0);
      let point = draw() * sum;
      return seen.findIndex(({ machine }) => (point -= machine.weight) < 0);
    },
  };
}

function viewOf({ machine, running, completed, failed, expected }: Seen): WorkerView {
  const { id, ask, weight } = machine;
  return {
    id,
    people: [],
    weight,
    freeWeight: weight,
    askPercent: ask,
    healthy: true,
    models: [{ id: "m", sha256: "aa", contextTokens: 32_768, constrains: true, slots: SLOTS, ...expected }],
    running: running.map(({ waiting, endsAt }) => ({ job: `${waiting.request.id}`, model: "m", owner: "o", endsAt })),
    leasesMax: 256,
    proven: true,
    pausedUntil: null,
    idleSince: 0,
    completed,
    failed,
    warm: new Map(),
  };
}

function jobOf({ request, written, failedOn }: Waiting, now: number): WaitingJob {
  return {
    id: `${request.id}`,
    owner: "o",
    person: null,
    isPaid: true,
    model: "m",
    sha256: "aa",
    constrained: false,
    askPercentMax: Infinity,
    isFree: false,
    promptTokens: request.promptTokens + written,
    maxTokens: 400,
    cacheKey: `${request.id}`,
    since: request.at,
    moved: written > 0,
    notBefore: now,
    failedOn,
  };
}
