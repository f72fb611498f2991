/** The connected workers: their models and leases, the pool's public status, and the prefixes to keep warm. */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { PoolGroup, PoolModelStatus, PoolStatus } from "@starai/protocol/pool-status";
import type { Turn } from "@starai/protocol/template";
import { CLOSE } from "@starai/protocol/worker-frames";
import type { ServedModel } from "@starai/protocol/worker-frames";
import type { Base } from "../base.ts";
import type { GroupMember } from "../db/group-member.ts";
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import { askFor } from "../scheduler/ask.ts";
import { isOwn } from "../scheduler/eligibility.ts";
import type { QuotedNeeds } from "../scheduler/ask.ts";
import type { PoolPace } from "../scheduler/health.ts";
import type { WaitingJob, WorkerView } from "../scheduler/snapshot.ts";
import { freeSlots } from "../scheduler/snapshot.ts";
import { ModelLoads } from "./model-loads.ts";
import type { ModelUse } from "./model-loads.ts";
import { OwnerBook } from "./owner-book.ts";
import type { MarketStanding } from "./owner-book.ts";
import { SkippedJobs } from "./skipped-jobs.ts";
import { WorkerHours } from "./worker-hours.ts";
import { TokenRate } from "./token-rate.ts";
import { WorkerRecord } from "./worker-record.ts";
import type { WorkerHistory } from "./worker-record.ts";
import type { ConnectedWorker } from "./connected-worker.ts";

/** A few hundred bytes each; twice as many as can be connected, so that a reconnect finds its own. */
const RECORDS_MAX = 10_000;

/** The pool's tokens a second are those of the last ten seconds. */
const RATE_S = 10;

/** Counting the pool takes at most an eleventh of the time. */
const STATUS_REST = 10;

/** Who asks for a job, and whether they pay. */
type JobAsker = Pick<WaitingJob, "isPaid" | "person">;

interface RegistryParts extends Pick<Base, "catalogue" | "monotonic"> {
  /** Whether machines can be staked; without it nobody can. */
  readonly hasChain?: () => boolean;
}

export class WorkerRegistry {
  readonly #parts: RegistryParts;
  readonly #connectedWorkers = new Map<string, ConnectedWorker>();
  /** When a model was last served by anybody, by model id. Bounded by the catalogue. */
  readonly #lastServed = new Map<string, number>();
  /** The same of workers that got paid work. */
  readonly #lastStaked = new Map<string, number>();
  /** Models whose worker is on its way (it downloads or loads): their jobs wait. Bounded by the catalogue. */
  readonly #expected = new Set<string>();
  readonly #warmPrefixes = new Map<string, Turn[]>();
  /** Of workers seen since this server started, the most recently joined last. */
  readonly #records = new Map<string, WorkerRecord>();
  readonly #rate = new TokenRate(RATE_S);
  #status: { value: PoolStatus; until: number } | null = null;
  /** Whose the machines are. */
  readonly owners: OwnerBook;
  /** Jobs as they are given, and why not to others. */
  readonly skipped = new SkippedJobs();
  /** What each worker did, until it is stored. */
  readonly hours = new WorkerHours();
  /** Since this server started; the minutes of the pool are made of their differences. */
  readonly served = { tokens: 0, answers: 0 };
  /** How busy each model was. */
  readonly loads = new ModelLoads();
  #waiting: () => ReadonlyMap<string, number> = () => new Map();
  /** Who serves a model together with this worker, its head; null: it alone. Set by whoever forms groups. */
  membersOf: (worker: string, model: string) => readonly GroupMember[] | null = () => null;
  #groups: () => PoolGroup[] = () => [];

  constructor(parts: RegistryParts) {
    this.#parts = parts;
    this.owners = new OwnerBook(parts.hasChain ?? (() => false));
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
    this.#served(
      connected,
      connected.facts.models.map(({ id }) => id),
    );
    this.#connectedWorkers.delete(connected.id);
    this.#status = null;
  }

  /** A group serves a model from now on; its head takes the leases. */
  groupServes(head: ConnectedWorker, model: ServedModel, nodes: readonly ConnectedWorker[]): void {
    head.lead(model, nodes);
    // What was measured of it was another group's.
    head.record.forgetPace(model.id);
    this.#status = null;
    this.warm(head, model.id);
  }

  /** A group serves it no more. Jobs wait for a while, as for a machine that left: the group is formed anew. */
  groupEnded(head: ConnectedWorker, modelId: string): void {
    this.#served(head, [modelId]);
    head.leadNoMore(modelId);
    this.#status = null;
  }

  /** The groups changed. */
  groupsChanged(): void {
    this.#status = null;
  }

  #served({ id, record, partners }: ConnectedWorker, models: readonly string[]): void {
    const now = this.#parts.monotonic();
    const isStaked = this.standingOf({ id, record, partners }, now).weight > 0;
    for (const model of models) {
      this.#lastServed.set(model, now);
      if (isStaked) this.#lastStaked.set(model, now);
    }
  }

  get(workerId: string): ConnectedWorker | undefined {
    return this.#connectedWorkers.get(workerId);
  }

  connectedWorkers(): ConnectedWorker[] {
    return [...this.#connectedWorkers.values()];
  }

  views(): WorkerView[] {
    const now = this.#parts.monotonic();
    return this.connectedWorkers().map((connected) => this.viewOf(connected, now));
  }

  viewOf(connected: ConnectedWorker, now = this.#parts.monotonic()): WorkerView {
    return connected.view(this.#parts.catalogue, this.standingOf(connected, now), now);
  }

  /** Whose it is, and whether it gets paid work: the head of a group only what all of its machines may have. */
  standingOf(
    { id, record, partners }: Pick<ConnectedWorker, "id" | "record" | "partners">,
    now = this.#parts.monotonic(),
  ): MarketStanding {
    const own = this.owners.standingOf(id, record, now);
    return partners.reduce((all, node) => together(all, this.owners.standingOf(node.id, node.record, now)), own);
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
    this.#lastStaked.set(modelId, this.#parts.monotonic());
  }

  /** Whether a worker that is connected, and not drained, has the model. */
  serves(modelId: string): boolean {
    return this.servesAt(modelId, Infinity);
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

  /** @param worker  who wrote them; null: it is not connected any more */
  countTokens(tokens: number, worker: ConnectedWorker | null): void {
    const now = this.#parts.monotonic();
    this.#rate.add(tokens, now);
    worker?.rate.add(tokens, now);
    this.served.tokens += tokens;
  }

  /** Counts a delivered answer: an agent's or a completion of the API. */
  countAnswer(): void {
    this.served.answers++;
  }

  /** Registers how the queue is read: jobs that wait, by model id. */
  watchQueue(waiting: () => ReadonlyMap<string, number>): void {
    this.#waiting = waiting;
  }

  /** Registers how the groups are read. */
  watchGroups(groups: () => PoolGroup[]): void {
    this.#groups = groups;
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

  /**
   * The asks to quote an answer at, in percent of the list's price; see `askFor`. Before its bill is open nobody knows
   * whether somebody pays for it, so there are two. The usual one where no worker may do it.
   * @param needs  of its largest job
   */
  asksOf(
    modelId: string,
    needs: Omit<QuotedNeeds, "model" | "sha256" | "isPaid">,
  ): { askPercent: number; askPercentUnpaid: number } {
    const { id, sha256 } = this.#parts.catalogue.get(modelId) ?? { id: modelId, sha256: "" };
    const pool = { workers: this.views(), now: this.#parts.monotonic() };
    const [paid, unpaid] = [true, false].map((isPaid) => askFor({ ...needs, model: id, sha256, isPaid }, pool));
    return { askPercent: paid ?? ASK_PERCENT.usual, askPercentUnpaid: unpaid ?? ASK_PERCENT.usual };
  }

  /** Whether a worker that is connected, and not drained, has the model and asks at most this. */
  servesAt(modelId: string, askPercentMax: number): boolean {
    return this.#serving(modelId).some(({ facts }) => facts.askPercent <= askPercentMax);
  }

  /**
   * Why none of the workers that serve the model may do this job, whatever they ask; null when one may, none serves it at
   * all, or one with a stake left less than `withinMs` ago and may come back.
   */
  whyNobody(modelId: string, job: JobAsker, withinMs: number): "unstaked" | "own" | null {
    const serving = this.#serving(modelId);
    if (serving.length === 0 || serving.some((connected) => this.mayDo(connected, job))) return null;
    if (!job.isPaid) return "own";
    const last = this.#lastStaked.get(modelId);
    return last !== undefined && this.#parts.monotonic() - last <= withinMs ? null : "unstaked";
  }

  /** Whether it is given such jobs: paid ones take a stake, and nobody's machines work unpaid for their owner. */
  mayDo(connected: ConnectedWorker, job: JobAsker): boolean {
    const standing = this.standingOf(connected);
    return job.isPaid ? standing.weight > 0 : !isOwn(standing, job);
  }

  #serving(modelId: string): ConnectedWorker[] {
    return this.connectedWorkers().filter(
      ({ drained, facts }) => !drained && facts.models.some((model) => model.id === modelId),
    );
  }

  /** How every model that is served or asked for is used now, by its id. */
  modelUses(): Map<string, ModelUse> {
    const uses = new Map<string, ModelUse>();
    const useOf = (id: string) => {
      const use = uses.get(id) ?? { slots: 0, busy: 0, waiting: 0 };
      uses.set(id, use);
      return use;
    };
    for (const { models, running, leasesMax, healthy } of this.views()) {
      for (const { id, slots } of healthy ? models : []) useOf(id).slots += Math.min(slots, leasesMax);
      for (const { model } of running) useOf(model).busy++;
    }
    for (const [id, waiting] of this.#waiting()) useOf(id).waiting += waiting;
    return uses;
  }

  #count(): PoolStatus {
    const views = this.views();
    return {
      workersOnline: views.length,
      queued: [...this.#waiting().values()].reduce((sum, of) => sum + of, 0),
      running: views.reduce((sum, worker) => sum + worker.running.length, 0),
      tokensPerS: Math.round(this.#rate.perS(this.#parts.monotonic()) * 10) / 10,
      models: this.#modelStatuses(views),
      groups: this.#groups(),
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

function together(one: MarketStanding, other: MarketStanding): MarketStanding {
  return {
    people: [...new Set([...one.people, ...other.people])],
    weight: Math.min(one.weight, other.weight),
    freeWeight: Math.min(one.freeWeight, other.freeWeight),
    unpaid: one.unpaid ?? other.unpaid,
  };
}

function median(numbers: number[]): number | null {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? null;
}
