/** The connected workers: their models and leases, the pool's public status, and the prefixes to keep warm. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { PoolModelStatus, PoolStatus } from "@starai/protocol/pool-status";
import type { Turn } from "@starai/protocol/template";
import { CLOSE } from "@starai/protocol/worker-frames";
import type { Base } from "../base.ts";
import type { PoolPace } from "../scheduler/health.ts";
import type { WorkerView } from "../scheduler/snapshot.ts";
import { freeSlots } from "../scheduler/snapshot.ts";
import { TokenRate } from "./token-rate.ts";
import { WorkerRecord } from "./worker-record.ts";
import type { WorkerHistory } from "./worker-record.ts";
import type { ConnectedWorker } from "./connected-worker.ts";

/** A few hundred bytes each; twice as many as can be connected, so that a reconnect finds its own. */
const RECORDS_MAX = 10_000;

/** Counting the pool takes at most an eleventh of the time. */
const STATUS_REST = 10;

type RegistryParts = Pick<Base, "catalogue" | "monotonic">;

export class WorkerRegistry {
  readonly #parts: RegistryParts;
  readonly #connectedWorkers = new Map<string, ConnectedWorker>();
  /** When a model was last served by anybody, by model id. Bounded by the catalogue. */
  readonly #lastServed = new Map<string, number>();
  /** Models whose worker is on its way (it downloads or loads): their jobs wait. Bounded by the catalogue. */
  readonly #expected = new Set<string>();
  readonly #warmPrefixes = new Map<string, Turn[]>();
  /** Of workers seen since this server started, the most recently joined last. */
  readonly #records = new Map<string, WorkerRecord>();
  readonly #rate = new TokenRate();
  #status: { value: PoolStatus; until: number } | null = null;
  /** Since this server started; the minutes of the pool are made of their differences. */
  readonly served = { tokens: 0, answers: 0 };
  #queued: () => number = () => 0;

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#connectedWorkers.size;
  }

  /** Adds a connected worker. An older connection of the same key is closed and returned. */
  join(connected: ConnectedWorker): ConnectedWorker | null {
    const old = this.#connectedWorkers.get(connected.id) ?? null;
    this.#status = null;
    this.#connectedWorkers.set(connected.id, connected);
    if (old) {
      old.leaving = true;
      old.sender.close(CLOSE.replaced, "the same worker key connected again; the newest connection is kept");
    }
    return old;
  }

  /** Forgets a connected worker, unless a newer connection of its key has replaced it. */
  leave(connected: ConnectedWorker): void {
    connected.leaving = true;
    if (this.#connectedWorkers.get(connected.id) !== connected) return;
    for (const model of connected.facts.models) this.#lastServed.set(model.id, this.#parts.monotonic());
    this.#connectedWorkers.delete(connected.id);
    this.#status = null;
  }

  get(workerId: string): ConnectedWorker | undefined {
    return this.#connectedWorkers.get(workerId);
  }

  connectedWorkers(): ConnectedWorker[] {
    return [...this.#connectedWorkers.values()];
  }

  views(): WorkerView[] {
    const now = this.#parts.monotonic();
    return this.connectedWorkers().map((connected) => connected.view(this.#parts.catalogue, now));
  }

  /** The record of a worker; `history` is what the database holds of one not seen yet. */
  recordOf(workerId: string, history: WorkerHistory): WorkerRecord {
    const record = this.#records.get(workerId) ?? new WorkerRecord(history, this.#parts.monotonic());
    this.#records.delete(workerId);
    this.#records.set(workerId, record);
    // A connected worker keeps its record; of the others the database knows all but the speeds.
    if (this.#records.size > RECORDS_MAX) this.#records.delete(this.#records.keys().next().value!);
    return record;
  }

  /** A worker of this model is known to be on its way, so its jobs may wait; `false` takes that back. */
  expect(modelId: string, onItsWay = true): void {
    if (onItsWay) this.#expected.add(modelId);
    else this.#expected.delete(modelId);
  }

  /** A model that was served before this server started: its workers are on their way back. */
  servedBefore(modelId: string): void {
    this.#lastServed.set(modelId, this.#parts.monotonic());
  }

  /** Whether a worker that is connected, and not drained, has the model. */
  serves(modelId: string): boolean {
    return this.connectedWorkers().some(
      (connected) => !connected.drained && connected.facts.models.some((model) => model.id === modelId),
    );
  }

  /** Whether a worker serves the model now, is on its way, or did less than `withinMs` ago and may come back. */
  servedWithin(modelId: string, withinMs: number): boolean {
    if (this.#expected.has(modelId)) return true;
    if (this.serves(modelId)) return true;
    const last = this.#lastServed.get(modelId);
    return last !== undefined && this.#parts.monotonic() - last <= withinMs;
  }

  /** Sends a worker away, e.g. when its owner or the operator bans it. */
  evict(workerId: string, code: number, reason: string): void {
    const connected = this.#connectedWorkers.get(workerId);
    if (!connected) return;
    connected.leaving = true;
    connected.sender.close(code, reason);
  }

  /** A drained worker gets no new leases and finishes those it has; `false` takes that back. */
  drain(connected: ConnectedWorker, drained: boolean): void {
    connected.drained = drained;
    this.#status = null;
  }

  /** A beginning many jobs of this model share: every worker reads it while idle, now and when it joins. */
  setWarmPrefix(modelId: string, turns: Turn[]): void {
    this.#warmPrefixes.set(modelId, turns);
    for (const connected of this.connectedWorkers()) this.warm(connected, modelId);
  }

  /** Asks a worker that joined to read the shared beginnings of its models. */
  warm(connected: ConnectedWorker, onlyModel?: string): void {
    for (const { id } of connected.facts.models) {
      const turns = this.#warmPrefixes.get(id);
      if (turns && (onlyModel ?? id) === id) connected.sender.send({ type: "warm", model: id, turns });
    }
  }

  /**
   * The median of what was measured of this model on connected workers with a record; null until one was measured.
   * Strangers do not count: a stranger can send made-up text as fast as it likes.
   */
  poolPace(modelId: string): PoolPace {
    const proven = this.connectedWorkers().filter(({ record }) => record.proven);
    const measured = proven.flatMap(({ record }) => record.pace(modelId).measured ?? []);
    return {
      prefillTokensPerS: median(measured.map((one) => one.prefillTokensPerS)),
      decodeTokensPerS: median(measured.map((one) => one.decodeTokensPerS)),
    };
  }

  countTokens(tokens: number): void {
    this.#rate.add(tokens, this.#parts.monotonic());
    this.served.tokens += tokens;
  }

  /** Counts a delivered answer: an agent's or a completion of the API. */
  countAnswer(): void {
    this.served.answers++;
  }

  /** Registers how the length of the queue is read. */
  watchQueue(queued: () => number): void {
    this.#queued = queued;
  }

  /**
   * The pool's status, cached: counted again when a worker joined or left, else after ten times as long as counting
   * took, since anybody may ask and counting thousands of workers is slow.
   */
  status(): PoolStatus {
    const began = this.#parts.monotonic();
    if (this.#status && began < this.#status.until) return this.#status.value;
    const value = this.#count();
    const now = this.#parts.monotonic();
    this.#status = { value, until: now + STATUS_REST * (now - began) };
    return value;
  }

  /** What the pool offers of a model now; undefined where nobody serves it. */
  statusOf(modelId: string): PoolModelStatus | undefined {
    return this.status().models.find(({ id }) => id === modelId);
  }

  /**
   * Tokens of prompt and answer together that the workers of a model take now.
   * @param unserved  the number assumed while nobody serves it; never more than the model has
   */
  contextOf(model: CatalogueModel, unserved = model.contextTokens): number {
    return Math.min(model.contextTokens, this.statusOf(model.id)?.contextTokens ?? unserved);
  }

  #count(): PoolStatus {
    const views = this.views();
    return {
      workersOnline: views.length,
      queued: this.#queued(),
      running: views.reduce((sum, worker) => sum + worker.running.length, 0),
      tokensPerS: Math.round(this.#rate.perS(this.#parts.monotonic()) * 10) / 10,
      models: this.#modelStatuses(views),
    };
  }

  #modelStatuses(views: readonly WorkerView[]): PoolModelStatus[] {
    const statuses = new Map<string, PoolModelStatus>();
    const drained = new Set(this.connectedWorkers().flatMap((connected) => (connected.drained ? [connected.id] : [])));
    for (const worker of views.filter(({ id }) => !drained.has(id))) {
      for (const model of worker.models) {
        const known = statuses.get(model.id) ?? this.#emptyStatus(model.id);
        statuses.set(model.id, {
          ...known,
          workers: known.workers + 1,
          slots: known.slots + Math.min(model.slots, worker.leasesMax),
          freeSlots: known.freeSlots + (worker.healthy ? Math.max(0, freeSlots(worker, model)) : 0),
          contextTokens: Math.max(known.contextTokens, model.contextTokens),
          constrains: known.constrains || model.constrains,
        });
      }
    }
    return [...statuses.values()];
  }

  #emptyStatus(id: string): PoolModelStatus {
    const name = this.#parts.catalogue.get(id)?.name ?? id;
    const none = { workers: 0, slots: 0, freeSlots: 0, contextTokens: 0 };
    return { id, name, ...none, ...this.poolPace(id), constrains: false };
  }
}

function median(numbers: number[]): number | null {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? null;
}
