/**
 * Measures the CPU time of a dispatch: decide() and forecast() against the reference implementation, which checks every
 * worker for every job. Snapshots are synthetic, the same for both.
 */
import { decide } from "../server/src/scheduler/decide.ts";
import type { Snapshot } from "../server/src/scheduler/decide.ts";
import { forecast } from "../server/src/scheduler/forecast.ts";
import type { ModelView, RunningView, WaitingJob, WorkerView } from "../server/src/scheduler/snapshot.ts";
import { oracleDecide, oracleForecast } from "../server/src/testing/dispatch-oracle.ts";
import { median } from "./median.ts";

interface Size {
  readonly name: string;
  readonly workers: number;
  readonly waiting: number;
  readonly owners: number;
  readonly models?: number;
  /** Slots a worker claims for each of its models. */
  readonly slots?: number;
  /** Of those, how many hold a lease. */
  readonly busy: number;
}

const SIZES: readonly Size[] = [
  { name: "10 × 200 busy", workers: 10, waiting: 200, owners: 25, busy: 1 },
  { name: "100 × 200 busy", workers: 100, waiting: 200, owners: 25, busy: 1 },
  { name: "1,000 × 200 busy", workers: 1_000, waiting: 200, owners: 25, busy: 1 },
  { name: "1,000 × 200 free", workers: 1_000, waiting: 200, owners: 25, busy: 0 },
  { name: "1,000 × 500 busy", workers: 1_000, waiting: 500, owners: 63, busy: 1 },
  { name: "1,000 × 500 free", workers: 1_000, waiting: 500, owners: 63, busy: 0 },
  { name: "1,000 × 500 busy, an owner a job", workers: 1_000, waiting: 500, owners: 500, busy: 1 },
  { name: "1,000 × 500 free, an owner a job", workers: 1_000, waiting: 500, owners: 500, busy: 0 },
  { name: "1,000 × 500, 8 models × 4 slots", workers: 1_000, waiting: 500, owners: 500, models: 8, slots: 4, busy: 2 },
  { name: "5,000 × 200 busy", workers: 5_000, waiting: 200, owners: 25, busy: 1 },
  { name: "5,000 × 200 free", workers: 5_000, waiting: 200, owners: 25, busy: 0 },
  { name: "1,000 × 200, 256 slots claimed, one busy", workers: 1_000, waiting: 200, owners: 25, slots: 256, busy: 1 },
  { name: "1,000 × 200, 256 slots all busy", workers: 1_000, waiting: 200, owners: 25, slots: 256, busy: 256 },
];
/** Rounds: enough for the compiler to optimise every path, and for a steady median. */
const ROUNDS = 40;
const ORACLE_ROUNDS = 5;
const NOW = 1_000_000;

export async function measureDispatch(): Promise<string[]> {
  const lines = [
    "CPU ms of one dispatch (`process.cpuUsage`, the collector's threads included), workers × waiting jobs; beside it the reference implementation, which asks each worker for each job.",
    "",
    "| workers × waiting | decide | reference | forecast | reference | sum | reference | ratio |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
  ];
  for (const size of SIZES) lines.push(row(size));
  return lines;
}

function row(size: Size): string {
  const snapshot = snapshotOf(size);
  const [decided, forecasted] = [cpuMs(ROUNDS, () => decide(snapshot, 1)), cpuMs(ROUNDS, () => forecast(snapshot))];
  const [oracleDecided, oracleForecasted] = [
    cpuMs(ORACLE_ROUNDS, () => oracleDecide(snapshot, 1)),
    cpuMs(ORACLE_ROUNDS, () => oracleForecast(snapshot)),
  ];
  const [sum, oracleSum] = [decided + forecasted, oracleDecided + oracleForecasted];
  const cells = [decided, oracleDecided, forecasted, oracleForecasted, sum, oracleSum].map((ms) => ms.toFixed(1));
  return `| ${[size.name, ...cells, `1/${(oracleSum / sum).toFixed(0)}`].join(" | ")} |`;
}

function cpuMs(rounds: number, work: () => unknown): number {
  work();
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return median(times);
}

/** Half of the workers remember four conversations, and a twentieth of the jobs failed somewhere before. */
function snapshotOf(size: Size): Snapshot {
  const waiting = Array.from({ length: size.waiting }, (_, at) => waitingJob(at, size));
  const workers = Array.from({ length: size.workers }, (_, at) => workerView(at, size));
  const servedAt = new Map(Array.from({ length: size.owners }, (_, at) => [`owner ${at}`, NOW - ((at * 37) % 1_000)]));
  return { now: NOW, waiting, workers, servedAt };
}

function waitingJob(at: number, { owners, models = 1, workers }: Size): WaitingJob {
  return {
    id: `job ${at}`,
    owner: `owner ${(at * 7) % owners}`,
    person: `person ${(at * 7) % owners}`,
    isPaid: at % 4 !== 1,
    model: `model ${at % models}`,
    sha256: "aa",
    constrained: at % 2 === 0,
    askPercentMax: at % 3 ? 100 : 150,
    isFree: at % 4 === 1,
    promptTokens: 100 + (at % 900),
    maxTokens: 300,
    cacheKey: `thread ${at}`,
    since: NOW - 1_000 + at,
    moved: at % 20 === 0,
    notBefore: 0,
    failedOn: new Set(at % 20 === 0 ? [`worker ${at % workers}`] : []),
  };
}

function workerView(at: number, { models = 1, slots = 1, busy }: Size): WorkerView {
  const served = Array.from({ length: models }, (_, model) => modelView(at, `model ${model}`, slots));
  return {
    id: `worker ${at}`,
    people: at % 3 ? [`person ${at % 97}`] : [],
    weight: at % 5 ? 1 + (at % 9) : 0,
    freeWeight: 1,
    askPercent: at % 7 ? 100 : 150,
    healthy: true,
    models: served,
    running: served.flatMap(({ id }) => Array.from({ length: busy }, (_, lease) => runningView(at, lease, id))),
    leasesMax: Infinity,
    proven: at % 10 !== 0,
    pausedUntil: at % 50 === 0 ? NOW + 1_000 : null,
    idleSince: NOW - at,
    completed: at % 100,
    failed: at % 3,
    warm: new Map(at % 2 ? Array.from({ length: 4 }, (_, thread) => [`thread ${at + thread}`, 200]) : []),
  };
}

function modelView(at: number, id: string, slots: number): ModelView {
  const speed = 1 + (at % 40);
  return {
    id,
    sha256: "aa",
    contextTokens: at % 3 ? 32_768 : 8_192,
    constrains: at % 11 !== 0,
    slots,
    prefillTokensPerS: 50 * speed,
    decodeTokensPerS: 5 * speed,
  };
}

function runningView(at: number, lease: number, model: string): RunningView {
  const endsAt = NOW + ((at * 7_919 + lease * 104_729) % 10_000);
  return { job: `running ${at} ${lease}`, model, owner: `owner ${(at + lease) % 100}`, endsAt };
}
