/** The worker: opens its engines, then keeps one connection to the pool until it is stopped. */
import type { Turn } from "@starai/protocol/template";
import { MODELS_PER_WORKER_MAX } from "@starai/protocol/worker-frames";
import type { ServedModel } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import { pause } from "@starai/protocol/pause";
import { BackOff, refusalAdvice } from "./back-off.ts";
import type { WorkerConfig } from "./config.ts";
import type { Engine } from "./engines/engine.ts";
import { loadIdentity } from "./identity.ts";
import type { Identity } from "./identity.ts";
import { LeaseBook } from "./lease-book.ts";
import { describeMachine, devicesOf, freeMemoryBytes } from "./machine.ts";
import { madeUpName } from "./made-up-name.ts";
import { openEngine } from "./open-engines.ts";
import type { WorkerStatus } from "./open-engines.ts";
import { proxyNote } from "./proxy-note.ts";
import { PoolConnection } from "./pool-connection.ts";
import type { ConnectionEnd } from "./pool-connection.ts";

export const WORKER_VERSION = "0.1.0";
const FREE_MEMORY_EVERY_MS = 5_000;
/** Share of the 3 s stop limit for sending the last frames; the rest is for the engines. */
const CLOSE_WAIT_MS = 1_500;

export interface Worker {
  /** The public key, as the pool knows it. */
  readonly id: string;
  /** Resolves once the pool has welcomed this worker; rejects when no engine could be opened or it was stopped. */
  readonly ready: Promise<void>;
  /** Fails running leases so that other workers get them, closes the connection, ends the engines; within 3 s. */
  stop(): Promise<void>;
}

export interface WorkerOptions {
  logger: Logger;
  onStatus?: (status: WorkerStatus) => void;
}

export async function startWorker(config: WorkerConfig, options: WorkerOptions): Promise<Worker> {
  const identity = await loadIdentity(config.home);
  const daemon = new Daemon(config, identity, options);
  const ready = daemon.run();
  // An unawaited `ready` must not become an unhandled rejection; the daemon logs the failure.
  ready.catch(() => {});
  return { id: identity.key, ready, stop: () => daemon.stop() };
}

class Daemon {
  readonly #config: WorkerConfig;
  readonly #identity: Identity;
  readonly #log: Logger;
  readonly #onStatus: (status: WorkerStatus) => void;
  readonly #engines = new Map<string, Engine>();
  readonly #stopping = new AbortController();
  /** Aborted and replaced whenever an engine withdraws its model or offers it again. */
  #servingChange = new AbortController();
  #leases: LeaseBook | null = null;
  #connection: PoolConnection | null = null;
  #freeMemoryBytes = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(config: WorkerConfig, identity: Identity, options: WorkerOptions) {
    this.#config = config;
    this.#identity = identity;
    this.#log = options.logger;
    this.#onStatus = options.onStatus ?? (() => {});
  }

  async run(): Promise<void> {
    await this.#openEngines();
    this.#stopping.signal.throwIfAborted();
    this.#leases = new LeaseBook(this.#engines, this.#log);
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
    await Promise.race([this.#loop, new Promise((resolve) => setTimeout(resolve, CLOSE_WAIT_MS).unref())]);
    await Promise.all([...this.#engines.values()].map((engine) => engine.close()));
  }

  /** Opens engines one after another: each is fitted to the memory the others left. */
  async #openEngines(): Promise<void> {
    const faults: string[] = [];
    for (const choice of this.#config.engines.slice(0, MODELS_PER_WORKER_MAX)) {
      try {
        const { signal } = this.#stopping;
        const onServing = () => this.#servingChanged();
        const options = { logger: this.#log, onStatus: this.#onStatus, onServing, signal };
        const engine = await openEngine(choice, this.#config, options);
        if (this.#stopping.signal.aborted) await engine.close();
        else this.#engines.set(engine.served.id, engine);
      } catch (error) {
        const fault = error instanceof Error ? error.message : String(error);
        this.#log.error({ engine: choice, err: error }, "an engine could not be opened");
        faults.push(fault);
      }
    }
    if (this.#engines.size === 0) throw new Error(`no model can be served: ${faults.join("; ")}`);
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
      await this.#somethingToServe();
      if (this.#stopping.signal.aborted) return;
      this.#onStatus({ state: "connecting", poolUrl: this.#config.poolUrl });
      const changed = this.#servingChange.signal;
      this.#connection = this.#dial(leases, devices, onFirstWelcome);
      const end = await this.#connection.ended;
      if (this.#stopping.signal.aborted) return;
      // The connection was closed only to rejoin with other models: no back-off.
      if (changed.aborted) continue;
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
    setImmediate(() => (this.#served().length > 0 ? this.#connection?.rejoin() : this.#connection?.close()));
  }

  /** Waits until at least one engine serves its model; a worker without one does not connect. */
  async #somethingToServe(): Promise<void> {
    while (this.#served().length === 0 && !this.#stopping.signal.aborted) {
      const any = AbortSignal.any([this.#servingChange.signal, this.#stopping.signal]);
      await new Promise<void>((resolve) => any.addEventListener("abort", () => resolve(), { once: true }));
    }
  }

  #served(): ServedModel[] {
    return [...this.#engines.values()].filter(({ serving }) => serving).map(({ served }) => served);
  }

  #dial(leases: LeaseBook, devices: ReturnType<typeof devicesOf>, onFirstWelcome: () => void): PoolConnection {
    const { poolUrl, name } = this.#config;
    return new PoolConnection({
      poolUrl,
      identity: this.#identity,
      name: name ?? madeUpName(this.#identity.key),
      version: WORKER_VERSION,
      devices,
      models: this.#served(),
      leases,
      freeMemoryBytes: () => this.#freeMemoryBytes,
      warm: (model, turns) => this.#warm(model, turns),
      onWelcome: () => {
        const models = this.#served().map(({ id }) => id);
        this.#log.info({ poolUrl, id: this.#identity.key, models }, "connected to the pool");
        this.#onStatus({ state: "connected", poolUrl });
        onFirstWelcome();
      },
      logger: this.#log,
    });
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
