/**
 * A llama.cpp engine as the daemon sees it: a child process that is watched and restarted when it dies. Which program
 * that is, a driver says: the built-in one, or llama-server.
 *
 * States of the child: `starting` (spawned, loading) → `up` → `down` (ended; a restart is waiting) → `starting` …
 * → `closed`. Jobs that arrive while it is not up wait for it and report progress; jobs running when it ends fail
 * with `engine_crashed` or, when the watchdog ended it, `engine_stalled`.
 *
 * A restart that ends before `up` means that the engine cannot restart as it is: waiting jobs fail, new ones fail at
 * once, and the model is withdrawn from the pool (`serving`) until a later restart, which repairs the file first,
 * succeeds.
 */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { Device, ServedModel } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import { EngineFailure } from "../engine.ts";
import type { Engine, EngineEvent, EngineJob } from "../engine.ts";
import { EventQueue } from "../event-queue.ts";
import type { FromChild, LoadOptions, Speeds, ToChild } from "./child-messages.ts";
import { ENGINE_NAME } from "./engine-name.ts";
import { EngineProcess } from "./engine-process.ts";
import type { EngineChild, EngineChildEvents } from "./engine-process.ts";
import { KnownSpeeds } from "./known-speeds.ts";
import { StallWatch } from "../stall-watch.ts";

const WATCH_EVERY_MS = 500;
const RESTART_MS = { first: 250, max: 30_000 };
/** A child that ran this long was healthy; its next restart is quick again. */
const WELL_AFTER_MS = 60_000;
/** How long a job waits for a restarting engine before it fails, so that another worker can run it. */
const WAIT_FOR_RESTART_MS = 30_000;
const WAITING_PROGRESS_MS = 1_000;

/** The program that computes: its name as the pool shows it, and how its child process is started. */
export interface LlamaDriver {
  name: string;
  start(events: EngineChildEvents, log: Logger): EngineChild;
}

/** node-llama-cpp in a process of its own. */
export const BUILT_IN: LlamaDriver = {
  name: ENGINE_NAME,
  start: (events, log) => new EngineProcess(events, log),
};

export interface LlamaEngineOptions {
  driver?: LlamaDriver;
  model: CatalogueModel;
  load: LoadOptions;
  /** Thread counts to try when no speeds are known. */
  threadChoices: readonly number[];
  logger: Logger;
  onLoading?: (done: number) => void;
  onMeasuring?: () => void;
  /** Stores the measured speeds; must not reject. */
  onMeasured?: (speeds: Speeds) => Promise<void>;
  /** `serving` has changed. */
  onServing?: () => void;
  /** It has ended after it was up. With this it is not started again: whoever opened it decides what follows. */
  onEnd?: (failure: EngineFailure) => void;
  /** Repairs the model file; rejects when it cannot. Called before a restart that follows a failed one. */
  mendFile?: () => Promise<void>;
}

interface RunningJob {
  events: EventQueue<EngineEvent>;
  watch: StallWatch;
}

type State =
  | { kind: "starting"; process: EngineChild; startedAt: number }
  | { kind: "up"; process: EngineChild; startedAt: number }
  | { kind: "down"; timer: NodeJS.Timeout | null }
  | { kind: "closed" };

/** Loads the model, and measures it if no speeds are known. Rejects with `EngineFailure` when it cannot load. */
export async function startLlamaEngine(options: LlamaEngineOptions): Promise<LlamaEngine> {
  const engine = new LlamaEngine(options);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

export class LlamaEngine implements Engine {
  readonly #options: LlamaEngineOptions;
  readonly #driver: LlamaDriver;
  readonly #log: Logger;
  readonly #jobs = new Map<number, RunningJob>();
  readonly #warmings = new Map<number, () => void>();
  readonly #upWaiters = new Set<(up: boolean) => void>();
  readonly #watchTimer: NodeJS.Timeout;
  readonly #known: KnownSpeeds;
  #state: State = { kind: "closed" };
  #devices: Device[] = [];
  #startFailure: EngineFailure | null = null;
  #exitReason: EngineFailure | null = null;
  #failures = 0;
  /** The first start succeeded. Until then a failure is reported to the caller that starts the engine. */
  #startedOnce = false;
  /** The last restart failed. */
  #withdrawn = false;
  #nextId = 0;
  #watchedAt = performance.now();

  constructor(options: LlamaEngineOptions) {
    this.#options = options;
    this.#driver = options.driver ?? BUILT_IN;
    this.#log = options.logger.child({ model: options.model.id });
    this.#known = new KnownSpeeds(options.load.speeds);
    this.#watchTimer = setInterval(() => this.#watch(), WATCH_EVERY_MS);
    this.#watchTimer.unref();
  }

  get speeds(): Speeds | null {
    return this.#known.speeds;
  }

  get measuredBusy(): boolean {
    return this.speeds?.busy ?? false;
  }

  get serving(): boolean {
    return !this.#withdrawn;
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** The child's process id, for tests that kill it. */
  get pid(): number | undefined {
    return this.#state.kind === "up" ? this.#state.process.pid : undefined;
  }

  get served(): ServedModel {
    const { model, load } = this.#options;
    return {
      id: model.id,
      sha256: model.sha256,
      engine: this.#driver.name,
      contextTokens: load.contextTokens,
      kvType: load.kvType,
      constraint: "gbnf",
      tokenIds: true,
      slots: load.slots,
      prefillTokensPerS: this.speeds?.prefillTokensPerS ?? 1,
      decodeTokensPerS: this.speeds?.decodeTokensPerS ?? 1,
    };
  }

  async start(): Promise<void> {
    this.#spawn();
    if (!(await this.#up()))
      throw this.#startFailure ?? new EngineFailure("engine_crashed", "the engine did not start");
    if (this.speeds) {
      this.#startedOnce = true;
      return;
    }
    this.#options.onMeasuring?.();
    await this.#measure();
    if (!this.speeds) throw new EngineFailure("engine_crashed", "the engine ended while it was measured");
    this.#startedOnce = true;
  }

  async #measure(): Promise<void> {
    const threads = [...this.#options.threadChoices];
    const speeds = await this.#known.measure(() => this.#send({ type: "measure", threads }));
    if (!speeds) return;
    this.#log.info({ ...speeds }, "measured");
    await this.#options.onMeasured?.(speeds);
  }

  async *generate(job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
    if (this.#jobs.size >= this.#options.load.slots * 2) throw new EngineFailure("busy", "every slot is taken");
    const id = this.#nextId++;
    const running: RunningJob = { events: new EventQueue(), watch: new StallWatch(performance.now()) };
    const cancel = () => {
      this.#send({ type: "cancel", id });
      running.events.close();
    };
    signal.addEventListener("abort", cancel);
    this.#jobs.set(id, running);
    try {
      yield* this.#waitUntilUp(signal);
      if (signal.aborted) return;
      running.watch = new StallWatch(performance.now());
      this.#send({ type: "generate", id, job });
      yield* running.events;
    } finally {
      this.#jobs.delete(id);
      signal.removeEventListener("abort", cancel);
      if (!running.events.closed) cancel();
    }
  }

  async warm(turns: readonly Turn[]): Promise<void> {
    if (this.#state.kind !== "up") return;
    const id = this.#nextId++;
    await new Promise<void>((resolve) => {
      this.#warmings.set(id, resolve);
      this.#send({ type: "warm", id, turns });
    });
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: "closed" };
    clearInterval(this.#watchTimer);
    if (state.kind === "down" && state.timer) clearTimeout(state.timer);
    this.#failAll(new EngineFailure("shutting_down", "the worker is stopping"));
    this.#settleUp(false);
    if (state.kind === "up" || state.kind === "starting") state.process.kill();
  }

  #spawn(): void {
    const startedAt = performance.now();
    const events = {
      message: (message: FromChild) => this.#receive(child, message),
      exit: (why: string) => this.#ended(child, why, performance.now() - startedAt),
    };
    const child = this.#driver.start(events, this.#log);
    this.#state = { kind: "starting", process: child, startedAt };
    child.send({ type: "load", options: { ...this.#options.load, speeds: this.speeds } });
  }

  #send(message: ToChild): void {
    if (this.#state.kind === "up") this.#state.process.send(message);
  }

  #receive(child: EngineChild, message: FromChild): void {
    if (this.#state.kind === "closed" || this.#state.kind === "down" || this.#state.process !== child) return;
    switch (message.type) {
      case "loading":
        return this.#options.onLoading?.(message.done);
      case "loaded":
        this.#devices = message.devices;
        this.#state = { ...this.#state, kind: "up" };
        this.#settleUp(true);
        return this.#withdraw(false);
      case "load-failed":
        this.#startFailure = new EngineFailure(message.code, message.message);
        return child.kill();
      case "measured":
        return this.#known.settle(message.speeds);
      case "warmed":
        return this.#finishWarming(message.id);
      case "progress":
      case "tokens":
      case "done":
      case "failed":
        return this.#jobMessage(message);
      default:
        message satisfies never;
    }
  }

  #jobMessage(message: Exclude<Extract<FromChild, { id: number }>, { type: "warmed" }>): void {
    const running = this.#jobs.get(message.id);
    if (!running) return;
    const now = performance.now();
    switch (message.type) {
      case "progress":
        running.watch.progress(now);
        return running.events.push({ kind: "progress", done: message.done });
      case "tokens":
        running.watch.token(now);
        return running.events.push({ kind: "tokens", tokens: message.tokens, text: message.text });
      case "done":
        running.events.push({ kind: "done", reason: message.reason });
        return running.events.close();
      case "failed":
        return running.events.close(new EngineFailure(message.code, message.message));
      default:
        message satisfies never;
    }
  }

  #ended(child: EngineChild, why: string, livedMs: number): void {
    if (this.#state.kind === "closed" || this.#state.kind === "down" || this.#state.process !== child) return;
    const failure = this.#exitReason ?? this.#startFailure ?? new EngineFailure("engine_crashed", why.slice(0, 400));
    const wasUp = this.#state.kind === "up";
    this.#exitReason = null;
    // The caller of the first start needs its failure; a later start's failure is used for that start only.
    this.#startFailure = this.#startedOnce ? null : failure;
    this.#failures = wasUp && livedMs > WELL_AFTER_MS ? 1 : this.#failures + 1;
    if (this.#options.onEnd) return this.#endForGood(failure, this.#options.onEnd);
    this.#restartLater(failure);
    this.#failAll(failure);
    if (!wasUp) this.#settleUp(false);
    if (!wasUp && this.#startedOnce) this.#withdraw(true);
  }

  #endForGood(failure: EngineFailure, onEnd: (failure: EngineFailure) => void): void {
    this.#state = { kind: "closed" };
    clearInterval(this.#watchTimer);
    this.#log.error({ why: failure.message }, "the engine ended");
    this.#failAll(failure);
    this.#settleUp(false);
    if (this.#startedOnce) onEnd(failure);
  }

  #restartLater(failure: EngineFailure): void {
    const delayMs = Math.min(RESTART_MS.max, RESTART_MS.first * 2 ** (this.#failures - 1));
    this.#state = { kind: "down", timer: setTimeout(() => void this.#restart(), delayMs) };
    this.#log.error({ why: failure.message, restartInMs: delayMs }, "the engine ended");
  }

  /** After a failed restart, checks the file first: it may be missing or damaged and can be fetched again. */
  async #restart(): Promise<void> {
    const waiting: State = { kind: "down", timer: null };
    this.#state = waiting;
    try {
      if (this.#withdrawn) await this.#options.mendFile?.();
    } catch (error) {
      if (this.#state !== waiting) return;
      this.#failures++;
      return this.#restartLater(
        new EngineFailure("engine_crashed", error instanceof Error ? error.message : String(error)),
      );
    }
    if (this.#state === waiting) this.#spawn();
  }

  #withdraw(withdrawn: boolean): void {
    if (withdrawn === this.#withdrawn) return;
    this.#withdrawn = withdrawn;
    if (withdrawn) this.#log.error("the engine cannot come back for now; its model is withdrawn from the pool");
    else this.#log.info("the engine is back; its model is offered to the pool again");
    this.#options.onServing?.();
  }

  #failAll(failure: EngineFailure): void {
    for (const job of this.#jobs.values()) job.events.close(failure);
    for (const id of this.#warmings.keys()) this.#finishWarming(id);
    this.#known.settle(null);
  }

  #finishWarming(id: number): void {
    this.#warmings.get(id)?.();
    this.#warmings.delete(id);
  }

  #watch(): void {
    const now = performance.now();
    this.#watchJobs(now);
    const idle = this.#state.kind === "up" && this.#jobs.size + this.#warmings.size === 0;
    if (idle && this.#known.outdated(now)) void this.#measure();
  }

  /** Kills a child that stopped producing events while a job decodes or reads. */
  #watchJobs(now: number): void {
    // A timer this late means that this whole process was suspended (a laptop's lid), and its engine with it.
    const lost = now - this.#watchedAt - WATCH_EVERY_MS;
    this.#watchedAt = now;
    if (this.#state.kind !== "up") return;
    for (const { watch } of this.#jobs.values()) {
      if (lost > WATCH_EVERY_MS * 2) watch.forgive(lost);
      if (!watch.stalled(now)) continue;
      this.#exitReason = new EngineFailure(
        "engine_stalled",
        "the engine produced no token for too long and was killed",
      );
      this.#state.process.kill();
      return;
    }
  }

  #settleUp(up: boolean): void {
    for (const waiter of this.#upWaiters) waiter(up);
    this.#upWaiters.clear();
  }

  #up(): Promise<boolean> {
    if (this.#state.kind === "up") return Promise.resolve(true);
    if (this.#state.kind === "closed") return Promise.resolve(false);
    return new Promise((resolve) => this.#upWaiters.add(resolve));
  }

  async *#waitUntilUp(signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
    const deadline = performance.now() + WAIT_FOR_RESTART_MS;
    while (this.#state.kind !== "up" && !signal.aborted) {
      if (this.#state.kind === "closed") throw new EngineFailure("shutting_down", "the worker is stopping");
      if (performance.now() > deadline) this.#withdraw(true);
      if (this.#withdrawn) throw new EngineFailure("engine_crashed", "the engine could not be restarted");
      yield { kind: "progress", done: 0 };
      await Promise.race([this.#up(), new Promise((resolve) => setTimeout(resolve, WAITING_PROGRESS_MS))]);
    }
  }
}
