/** The worker: opens its engines, then keeps one connection to the pool until it is stopped. */
import { ASK_PERCENT } from "@starai/protocol/ask-percent";
import type { Turn } from "@starai/protocol/template";
import { MODELS_PER_WORKER_MAX } from "@starai/protocol/worker-frames";
import type { ServedModel } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import { pause } from "@starai/protocol/pause";
import { BackOff, refusalAdvice } from "./back-off.ts";
import type { WorkerConfig } from "./config.ts";
import { serveOwner } from "./control.ts";
import { Earnings } from "./earnings/earnings.ts";
import type { EarningEvent } from "./earnings/earnings.ts";
import type { Engine } from "./engines/engine.ts";
import { loadIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";
import { standingWords } from "./earnings/words.ts";
import { LeaseBook } from "./lease-book.ts";
import { LimitWatch } from "./limits/limit-watch.ts";
import type { Readings, Rest } from "./limits/limit-watch.ts";
import { describeMachine, devicesOf, freeMemoryBytes } from "./machine.ts";
import { madeUpName } from "./made-up-name.ts";
import { memoryShareOf, openEngine, TooBig } from "./open-engines.ts";
import type { WorkerStatus } from "./open-engines.ts";
import { apiBaseOf } from "./pool-address.ts";
import { proxyNote } from "./proxy-note.ts";
import { PoolConnection } from "./pool-connection.ts";
import { PoolVersion } from "./pool-version.ts";
import type { Told } from "./pool-version.ts";
import type { ConnectionEnd } from "./pool-connection.ts";
import { ownCommand } from "./own-command.ts";
import { ownVersion } from "./own-version.ts";
import { GroupMember } from "./split/group-member.ts";
import { lendingOf } from "./split/offer.ts";
import type { Lending } from "./split/offer.ts";

const FREE_MEMORY_EVERY_MS = 5_000;
/** Share of the 3 s stop limit for sending the last frames; the rest is for the engines. */
const CLOSE_WAIT_MS = 1_500;
const PULSE_MS = 500;
const STOPPED = "this worker was stopped";
const NO_LIMITS = { hours: null, temperatureMaxC: null, pausesWhenUsed: false } as const;

/** The last credit note of each asset. */
type NotesKept = { coin: number; stars: number };

export interface Worker {
  /** The public key, as the pool knows it. */
  readonly id: string;
  /** Resolves once the pool has welcomed this worker; rejects when no engine could be opened or it was stopped. */
  readonly ready: Promise<void>;
  /** Shows the code by which its owner makes it their own. Returns why it cannot; null: an event follows. */
  pair(): string | null;
  /** Fails running leases so that other workers get them, closes the connection, ends the engines; within 3 s. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  logger: Logger;
  onStatus?: (status: WorkerStatus) => void;
  /** What concerns its owner's pay. */
  onEarning?: (event: EarningEvent) => void;
  /** How many jobs run, and how fast text comes out of them; each second while it is in the pool. */
  onPulse?: (pulse: Pulse) => void;
  /** Asks for a code by itself when it is nobody's: somebody sits at the terminal. */
  pairsItself?: boolean;
  /** Reads the machine for its limits; by default this one. */
  readMachine?: () => Promise<Readings>;
}

/** What it does at this moment. */
export interface Pulse {
  running: number;
  /** Jobs begun since it started. */
  begun: number;
  /** Tokens written since it started. */
  tokens: number;
  temperatureC: number | null;
}

export async function startWorker(config: WorkerConfig, options: WorkerOptions): Promise<Worker> {
  const identity = await loadIdentity(config.home);
  const daemon = new Daemon(config, identity, options);
  const ready = daemon.run();
  // An unawaited `ready` must not become an unhandled rejection; the daemon logs the failure.
  ready.catch(() => {});
  return { id: identity.key, ready, pair: () => daemon.pair(), stop: () => daemon.stop() };
}

class Daemon {
  readonly #config: WorkerConfig;
  readonly #identity: Identity;
  readonly #log: Logger;
  readonly #onStatus: (status: WorkerStatus) => void;
  readonly #engines = new Map<string, Engine>();
  readonly #stopping = new AbortController();
  readonly #earnings: Earnings;
  readonly #limits: LimitWatch;
  /** Resolves those who wait until the limits allow work again. */
  readonly #limitsLifted = new Set<() => void>();
  readonly #onEarning: ((event: EarningEvent) => void) | null;
  readonly #onPulse: ((pulse: Pulse) => void) | null;
  #control: { close(): Promise<void> } | null = null;
  /** Aborted and replaced whenever an engine withdraws its model or offers it again. */
  #servingChange = new AbortController();
  #leases: LeaseBook | null = null;
  #connection: PoolConnection | null = null;
  #freeMemoryBytes = 0;
  /** The connection is closed to join again and be sent the credit notes that are missing. */
  #asksAgain = false;
  readonly #poolVersion = new PoolVersion();
  /** Its part of a group; null where a model of its own fits here, or it lends nothing. */
  #member: GroupMember | null = null;
  /** Null once the machine has an owner. */
  #ownerCode: string | null;
  #loop: Promise<void> = Promise.resolve();

  constructor(config: WorkerConfig, identity: Identity, options: WorkerOptions) {
    this.#config = config;
    this.#identity = identity;
    this.#log = options.logger;
    this.#onStatus = options.onStatus ?? (() => {});
    this.#ownerCode = config.ownerCode ?? null;
    this.#onEarning = options.onEarning ?? null;
    this.#onPulse = options.onPulse ?? null;
    this.#earnings = new Earnings({
      home: config.home,
      worker: identity.key,
      base: apiBaseOf(config.poolUrl),
      chain: config.chain,
      logger: options.logger,
      onEvent: (event) => this.#tellEarning(event),
      pairsItself: options.pairsItself ?? false,
    });
    this.#limits = new LimitWatch(config.limits ?? NO_LIMITS, {
      onChange: (rest) => this.#limitsChanged(rest),
      logger: options.logger,
      read: options.readMachine,
      hasForeignEngine: config.engines.some(({ kind }) => kind === "openai"),
    });
  }

  pair(): string | null {
    return this.#earnings.pair();
  }

  async run(): Promise<void> {
    await this.#watchLimits();
    this.#control = await this.#answerOwner();
    await this.#allowed();
    await this.#openEngines();
    this.#stopping.signal.throwIfAborted();
    this.#leases = new LeaseBook(this.#engines, this.#log);
    this.#pulse(this.#leases);
    await this.#watchMemory();
    const leases = this.#leases;
    await new Promise<void>((resolve, reject) => {
      this.#loop = this.#keepConnected(leases, resolve);
      this.#stopping.signal.addEventListener("abort", () => reject(new Error("the worker was stopped")));
    });
  }

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort(new Error("the worker was stopped"));
    this.#leases?.shutDown();
    this.#connection?.close();
    this.#limits.close();
    await Promise.race([this.#loop, new Promise((resolve) => setTimeout(resolve, CLOSE_WAIT_MS).unref())]);
    await Promise.all([this.#earnings.close(), this.#control?.close(), this.#member?.end(STOPPED)]);
    await Promise.all([...this.#engines.values()].map((engine) => engine.close()));
  }

  /** Opens engines one after another: each is fitted to the memory the others left. */
  async #openEngines(): Promise<void> {
    const faults: string[] = [];
    const memory = memoryShareOf(this.#config);
    let tooBig: TooBig | null = null;
    for (const choice of this.#config.engines.slice(0, MODELS_PER_WORKER_MAX)) {
      try {
        const { signal } = this.#stopping;
        const onServing = () => this.#servingChanged();
        const options = { logger: this.#log, onStatus: this.#onStatus, onServing, memory, signal };
        const engine = await openEngine(choice, this.#config, options);
        if (this.#stopping.signal.aborted) await engine.close();
        else this.#engines.set(engine.served.id, engine);
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error);
        this.#log.error({ engine: choice, err: error }, "an engine could not be opened");
        faults.push(fault);
        if (error instanceof TooBig) tooBig ??= error;
      }
    }
    if (this.#engines.size > 0) return;
    const lending = tooBig && (await lendingOf(this.#config, tooBig.model, { memory, signal: this.#stopping.signal }));
    if (typeof lending === "string") this.#log.error(lending);
    if (lending === null || typeof lending === "string")
      throw new Error(`no model can be served: ${[...faults, ...(lending ? [lending] : [])].join("; ")}`);
    this.#member = this.#memberOf(lending);
  }

  #memberOf(lending: Lending): GroupMember {
    return new GroupMember({
      lending,
      config: this.#config,
      identity: this.#identity,
      log: this.#log,
      send: (frame) => this.#connection?.sendGroup(frame),
      onNews: (news) => this.#onStatus({ state: "group", ...news }),
      onServing: (engine) => this.#engines.set(engine.served.id, engine),
      onServed: (engine) => this.#engines.delete(engine.served.id),
    });
  }

  async #watchMemory(): Promise<void> {
    this.#freeMemoryBytes = await freeMemoryBytes();
    const timer = setInterval(() => {
      void freeMemoryBytes().then((bytes) => (this.#freeMemoryBytes = bytes));
    }, FREE_MEMORY_EVERY_MS);
    timer.unref();
    this.#stopping.signal.addEventListener("abort", () => clearInterval(timer));
  }

  async #keepConnected(leases: LeaseBook, onFirstWelcome: () => void): Promise<void> {
    const backOff = new BackOff();
    const devices = devicesOf(await describeMachine());
    while (!this.#stopping.signal.aborted) {
      await this.#allowed();
      await this.#somethingToServe();
      if (this.#stopping.signal.aborted) return;
      this.#onStatus({ state: "connecting", poolUrl: this.#config.poolUrl });
      const told = await this.#whatToTell();
      // What changed while the pool was asked is seen before it is dialled.
      if (this.#limits.rest || !this.#hasWork() || this.#stopping.signal.aborted) continue;
      if (told.split === null && this.#served().length === 0) {
        await this.#waitForNewerPool();
        continue;
      }
      const changed = this.#servingChange.signal;
      this.#connection = this.#dial(leases, devices, told, onFirstWelcome);
      const end = await this.#connection.ended;
      this.#earnings.disconnected();
      await this.#member?.end("the connection to the pool ended");
      if (this.#stopping.signal.aborted) return;
      if (this.#limits.rest) continue;
      if (end.isTooNew) {
        this.#log.warn({ reason: end.reason }, "the pool does not know this version's frames: joining without them");
        this.#poolVersion.refused(told);
      }
      // The connection was closed only to rejoin: no back-off.
      if (changed.aborted || this.#asksAgain) {
        this.#asksAgain = false;
        continue;
      }
      const waitMs = backOff.next(end);
      this.#sayEnd(end, waitMs);
      await pause(waitMs, this.#stopping.signal);
    }
  }

  /** Rejoins the pool: a worker announces its models only when it joins. */
  #servingChanged(): void {
    this.#servingChange.abort();
    this.#servingChange = new AbortController();
    // Deferred, so that the failures of the engine's leases are sent first.
    setImmediate(() => (this.#served().length > 0 ? this.#connection?.rejoin() : this.#connection?.giveUp()));
  }

  async #whatToTell(): Promise<Told> {
    const notes = await this.#meetPool();
    const split = (await this.#member?.offer()) ?? null;
    return this.#poolVersion.told({ notes, split, ownerCode: this.#ownerCode });
  }

  async #waitForNewerPool(): Promise<void> {
    const { poolUrl } = this.#config;
    const reason = `this pool is of an older version, which forms no groups, and ${this.#member?.wants} does not fit here alone: choose a smaller model with STARAI_MODEL`;
    const againInMs = this.#poolVersion.olderForMs;
    this.#log.error({ poolUrl }, reason);
    this.#onStatus({ state: "waiting", poolUrl, reason, wasJoined: true, againInMs });
    await pause(againInMs, this.#stopping.signal);
  }

  #hasWork(): boolean {
    return this.#member !== null || this.#served().length > 0;
  }

  /** Waits until at least one engine serves its model; a worker without one, which lends nothing either, does not connect. */
  async #somethingToServe(): Promise<void> {
    while (!this.#hasWork() && !this.#stopping.signal.aborted) {
      const any = AbortSignal.any([this.#servingChange.signal, this.#stopping.signal]);
      await new Promise<void>((resolve) => any.addEventListener("abort", () => resolve(), { once: true }));
    }
  }

  #served(): ServedModel[] {
    return [...this.#engines.values()].filter(({ serving }) => serving).map(({ served }) => served);
  }

  #dial(
    leases: LeaseBook,
    devices: ReturnType<typeof devicesOf>,
    told: Told,
    onFirstWelcome: () => void,
  ): PoolConnection {
    const { poolUrl, name, askPercent = ASK_PERCENT.usual } = this.#config;
    return new PoolConnection({
      poolUrl,
      identity: this.#identity,
      name: name ?? madeUpName(this.#identity.key),
      version: ownVersion(),
      askPercent,
      devices,
      models: this.#served(),
      leases,
      freeMemoryBytes: () => this.#freeMemoryBytes,
      temperatureC: () => this.#limits.temperatureC,
      ...told,
      onGroup: (frame) => this.#member?.frame(frame),
      warm: (model, turns) => this.#warm(model, turns),
      onEarning: (frame) => this.#earnings.frame(frame),
      onWelcome: () => {
        this.#earnings.connected({
          send: (frame) => this.#connection?.send(frame) ?? null,
          rejoin: () => {
            this.#asksAgain = true;
            this.#connection?.rejoin();
          },
        });
        const models = this.#served().map(({ id }) => id);
        this.#log.info({ poolUrl, id: this.#identity.key, models }, "connected to the pool");
        const wants = told.split?.wants;
        this.#onStatus(wants ? { state: "lending", poolUrl, model: wants } : { state: "connected", poolUrl });
        onFirstWelcome();
      },
      logger: this.#log,
    });
  }

  /** A machine whose own files cannot be read works all the same; it says so, and keeps no notes. */
  async #meetPool(): Promise<NotesKept> {
    return await this.#earnings.meet(this.#stopping.signal).catch((error: unknown) => {
      this.#log.error({ err: error }, "credit notes cannot be kept");
      const text = `credit notes cannot be kept: ${error instanceof Error ? error.message : String(error)}`;
      this.#onEarning?.({ kind: "words", text });
      return { coin: 0, stars: 0 };
    });
  }

  #tellEarning(event: EarningEvent): void {
    if (event.kind === "credited") this.#log.debug({ note: event.note }, "credited");
    if (event.kind === "words") this.#log.warn(event.text);
    if (event.kind === "standing") {
      const { owner, isPaid, heldUntilEpoch } = event.standing;
      this.#log.info({ isPaired: owner !== null, isPaid, heldUntilEpoch }, standingWords(event.standing).join("; "));
    }
    if (event.kind === "standing" && event.standing.owner) this.#ownerCode = null;
    // The code itself is the owner's alone: the command `pair` shows it.
    if (event.kind === "pairing")
      this.#log.info({ until: event.pairing.expiresAt }, `there is a code: ${ownCommand("pair")}`);
    this.#onEarning?.(event);
  }

  async #answerOwner(): Promise<{ close(): Promise<void> } | null> {
    return await serveOwner(this.#config.home, this.#earnings, this.#log).catch((error: unknown) => {
      this.#log.warn({ err: error }, "the commands pair and unpair cannot reach this worker");
      return null;
    });
  }

  async #watchLimits(): Promise<void> {
    for (const text of await this.#limits.start()) {
      this.#log.warn(text);
      this.#onEarning?.({ kind: "words", text });
    }
  }

  /** Waits until the owner's limits let this machine work, or it is stopped. */
  async #allowed(): Promise<void> {
    while (this.#limits.rest && !this.#stopping.signal.aborted)
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#limitsLifted.delete(done);
          this.#stopping.signal.removeEventListener("abort", done);
          resolve();
        };
        this.#limitsLifted.add(done);
        this.#stopping.signal.addEventListener("abort", done);
      });
  }

  /** Leaves the pool, whose jobs move to other machines, or comes back. */
  #limitsChanged(rest: Rest): void {
    if (this.#stopping.signal.aborted) return;
    if (rest === null) {
      this.#log.info("the owner's limits allow work again");
      for (const lifted of this.#limitsLifted) lifted();
      return;
    }
    this.#log.info(rest, "the owner's limits do not allow work now");
    this.#onStatus({ state: "resting", ...rest });
    this.#leases?.shutDown("the owner of this machine needs it now");
    this.#connection?.close();
  }

  #pulse(leases: LeaseBook): void {
    const onPulse = this.#onPulse;
    if (onPulse === null) return;
    const tell = () => {
      const { running, begun, tokens } = leases;
      onPulse({ running, begun, tokens, temperatureC: this.#limits.temperatureC });
    };
    const timer = setInterval(tell, PULSE_MS);
    timer.unref();
    this.#stopping.signal.addEventListener("abort", () => clearInterval(timer));
  }

  #warm(model: string, turns: readonly Turn[]): void {
    const engine = this.#engines.get(model);
    engine?.warm(turns).catch((error: unknown) => this.#log.warn({ err: error, model }, "a prefix was not warmed"));
  }

  #sayEnd({ code, reason, welcomedMs }: ConnectionEnd, waitMs: number): void {
    const facts = { code, reason, welcomedMs: Math.round(welcomedMs), againInMs: Math.round(waitMs) };
    const advice = refusalAdvice(code);
    if (advice) this.#log.error(facts, advice);
    else this.#log.warn(facts, `the connection to the pool ended.${welcomedMs > 0 ? "" : this.#proxyNote}`);
    const { poolUrl } = this.#config;
    this.#onStatus({
      state: "waiting",
      poolUrl,
      reason: advice ?? reason,
      wasJoined: welcomedMs > 0,
      againInMs: waitMs,
    });
  }

  get #proxyNote(): string {
    return proxyNote(this.#config.childEnvironment ?? {});
  }
}
