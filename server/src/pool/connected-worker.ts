/** One connected worker: the models it can run, the leases it works on, and the sender of frames to it. */
import type { Catalogue } from "@starai/protocol/catalogue";
import type { SplitOffer } from "@starai/protocol/split";
import type { Device, PoolFrame, ServedModel } from "@starai/protocol/worker-frames";
import type { ModelView, RunningView, WorkerView } from "../scheduler/snapshot.ts";
import type { MarketStanding } from "./owner-book.ts";
import { SentPrompts } from "./sent-prompts.ts";
import type { SentPrompt } from "./sent-prompts.ts";
import { TokenRate } from "./token-rate.ts";
import type { WorkerRecord } from "./worker-record.ts";

/** The socket of a worker, as far as the rest of the pool needs it. */
export interface FrameSender {
  /** False when the frame could not be sent; the socket is then closing. */
  send(frame: PoolFrame): boolean;
  close(code: number, reason: string): void;
  /** Stops or resumes reading, so that a worker cannot send faster than its frames are handled. */
  hold(held: boolean): void;
}

export interface WorkerFacts {
  /** Its Ed25519 public key, hex. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly devices: readonly Device[];
  /** Its price, in percent of the list's. */
  readonly askPercent: number;
  /** The last credit notes it has; null: it keeps none, and knows no frames of owners and notes. */
  readonly notes: { readonly coin: number; readonly stars: number } | null;
  /** Those of its models the catalogue knows by the same hash, and that of a group whose head it is. */
  readonly models: readonly ServedModel[];
  /** What it lends to groups; null: nothing, and it may know no frames of groups. */
  readonly split: SplitOffer | null;
  /** What the pool has seen of it, also before this connection. */
  readonly record: WorkerRecord;
}

/** Frames received but not yet handled: reading pauses above the first number and resumes below the second. */
const PENDING_HIGH = 256;
const PENDING_LOW = 64;
/** Prefixes an engine keeps: about one for each slot, and one more that is being replaced. */
const WARM_PER_SLOT = 1;

export class ConnectedWorker {
  facts: WorkerFacts;
  readonly sender: FrameSender;
  readonly joinedAt: number;
  /** Its tokens of the last minute. */
  readonly rate = new TokenRate(60);
  /** Where its socket comes from, the same for all machines of a home; null: nobody knows. */
  address: string | null = null;
  /** As a heartbeat said last; null: none did. */
  temperatureC: number | null = null;
  lastHeardAt: number;
  idleSince: number;
  /** No new leases: it is silent, closing, or asked to leave. */
  leaving = false;
  /** No new leases, by the operator's wish; those it has go on. */
  drained = false;
  /** Its owner's last wish at its terminal is being answered. */
  pairing = false;
  /** The standing it was told last, as JSON. */
  toldStanding = "";
  /** The nodes of the group whose head it is, while that serves: whatever their owners lack, it lacks. */
  partners: readonly ConnectedWorker[] = [];
  /** The model of which it holds layers for such a head; null: of none. */
  holdsLayersOf: string | null = null;
  /** Reading from its socket is paused: it sends faster than its frames are handled. */
  held = false;
  readonly #running = new Map<string, RunningView>();
  /** Prompt tokens by cache key, the most recently used last. */
  readonly #warm = new Map<string, number>();
  readonly #prompts = new SentPrompts();
  #pending = 0;
  #taken = 0;

  constructor(facts: WorkerFacts, sender: FrameSender, now: number) {
    this.facts = facts;
    this.sender = sender;
    this.joinedAt = now;
    this.lastHeardAt = now;
    this.idleSince = now;
  }

  get id(): string {
    return this.facts.id;
  }

  get record(): WorkerRecord {
    return this.facts.record;
  }

  get completed(): number {
    return this.record.completed;
  }

  get failed(): number {
    return this.record.failed;
  }

  /** Leases it holds now. */
  get leases(): number {
    return this.#running.size;
  }

  /** All leases given to it over this connection, ended ones included. */
  get taken(): number {
    return this.#taken;
  }

  /** It is the head of a group that serves this model from now on. */
  lead(model: ServedModel, partners: readonly ConnectedWorker[]): void {
    this.facts = { ...this.facts, models: [...this.facts.models, model] };
    this.partners = partners;
    for (const node of partners) node.holdsLayersOf = model.id;
  }

  /** Its group is over. */
  leadNoMore(modelId: string): void {
    this.facts = { ...this.facts, models: this.facts.models.filter(({ id }) => id !== modelId) };
    for (const node of this.partners) node.holdsLayersOf = null;
    this.partners = [];
  }

  take(lease: RunningView): void {
    this.#running.set(lease.job, lease);
    this.#taken++;
  }

  /** The lease is over; `warmTokens` of its prompt and answer stay in the engine. */
  release(job: string, now: number, warm?: { cacheKey: string; tokens: number }): void {
    this.#running.delete(job);
    this.#prompts.release(job, warm !== undefined);
    this.idleSince = now;
    if (warm) this.#remember(warm.cacheKey, warm.tokens);
  }

  /** A lease's prompt is sent. Returns how many of its tokens the engine still holds of what it was sent before. */
  sendsPrompt(job: string, prompt: SentPrompt): number {
    const slots = this.facts.models.find(({ id }) => id === prompt.model)?.slots ?? 0;
    return this.#prompts.send(job, prompt, slots);
  }

  /** The first text of a lease came, so its prompt was read. */
  hasReadPrompt(job: string): void {
    this.#prompts.wasRead(job);
  }

  runs(job: string): boolean {
    return this.#running.has(job);
  }

  /** Counts frames received (positive) and handled (negative); pauses reading while too many wait. */
  pending(change: number): void {
    this.#pending += change;
    const hold = this.held ? this.#pending > PENDING_LOW : this.#pending > PENDING_HIGH;
    if (hold === this.held) return;
    this.held = hold;
    this.sender.hold(hold);
  }

  /** @param now  by the monotonic clock */
  view(catalogue: Catalogue, { people, weight, freeWeight, unpaid }: MarketStanding, now: number): WorkerView {
    const { record } = this;
    const { good, bad } = record.score(now);
    return {
      id: this.id,
      people,
      weight,
      freeWeight,
      askPercent: this.facts.askPercent,
      healthy: !this.leaving && !this.drained,
      models: this.facts.models.map((model) => modelView(model, { record, catalogue, now })),
      running: [...this.#running.values()],
      leasesMax: record.leasesMax,
      proven: record.proven && unpaid !== "day_cap",
      pausedUntil: record.pausedUntil,
      idleSince: this.idleSince,
      completed: good,
      failed: bad,
      warm: this.#warm,
    };
  }

  #remember(cacheKey: string, tokens: number): void {
    this.#warm.delete(cacheKey);
    this.#warm.set(cacheKey, tokens);
    const most = this.facts.models.reduce((sum, model) => sum + model.slots, 0) * WARM_PER_SLOT;
    while (this.#warm.size > most) this.#warm.delete(this.#warm.keys().next().value!);
  }
}

function modelView(
  model: ServedModel,
  { record, catalogue, now }: { record: WorkerRecord; catalogue: Catalogue; now: number },
): ModelView {
  return {
    id: model.id,
    sha256: model.sha256,
    contextTokens: model.contextTokens,
    constrains: model.constraint !== "none" && record.keepsForms(model.id, now),
    slots: model.slots,
    ...record.pace(model.id).expected(model, catalogue.get(model.id)),
  };
}
