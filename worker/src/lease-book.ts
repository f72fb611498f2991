/** The leases this worker holds. It outlives connections, so that a short break costs no work. */
import type { PoolFrame, WorkerFrame } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import type { Engine, EngineEvent } from "./engines/engine.ts";
import { LeaseRunner } from "./lease-runner.ts";
import type { FrameLink, LeaseEngine } from "./lease-runner.ts";

type Lease = Extract<PoolFrame, { type: "lease" }>;

/** Most leases the protocol lets a worker report as held. */
const LEASES_MAX = 256;
/** How long leases are held without a connection; by then the pool has given them to another worker. */
const HOLD_UNCONNECTED_MS = 10_000;
/** How long a finished lease is held if the pool never acknowledges its last frames. */
const HOLD_FINISHED_MS = 10_000;

export class LeaseBook {
  readonly #engines: ReadonlyMap<string, Engine>;
  readonly #log: Logger;
  readonly #runners = new Map<string, LeaseRunner>();
  #unconnectedTimer: NodeJS.Timeout | null = null;
  #begun = 0;
  #tokens = 0;

  constructor(engines: ReadonlyMap<string, Engine>, log: Logger) {
    this.#engines = engines;
    this.#log = log;
  }

  get running(): number {
    return [...this.#runners.values()].filter((runner) => !runner.finished).length;
  }

  /** Leases begun so far. */
  get begun(): number {
    return this.#begun;
  }

  /** Tokens the engines have given so far; pieces of text where they give no ids. */
  get tokens(): number {
    return this.#tokens;
  }

  /** The held leases, as `ready` reports them to the pool. */
  holding(): Extract<WorkerFrame, { type: "ready" }>["holding"] {
    return [...this.#runners.values()].map(({ job, fence, nextSeq }) => ({ job, fence, nextSeq }));
  }

  start(lease: Lease, link: FrameLink): void {
    const { job, fence, model } = lease;
    this.#runners.get(job)?.cancel();
    const engine = this.#engines.get(model);
    if (!engine || this.#runners.size >= LEASES_MAX) {
      const code = engine ? "busy" : "model_missing";
      const message = engine ? "this worker holds too many leases" : `this worker does not serve ${model}`;
      link.send(JSON.stringify({ type: "fail", job, fence, code, message } satisfies WorkerFrame));
      return;
    }
    this.#begun += 1;
    const counted: LeaseEngine = {
      served: engine.served,
      generate: (...asked) => this.#count(engine.generate(...asked)),
    };
    const runner = new LeaseRunner(lease, counted, link);
    this.#runners.set(job, runner);
    void this.#watch(runner);
  }

  async *#count(events: AsyncIterable<EngineEvent>): AsyncGenerator<EngineEvent> {
    for await (const event of events) {
      if (event.kind === "tokens") this.#tokens += event.tokens?.length ?? 1;
      yield event;
    }
  }

  async #watch(runner: LeaseRunner): Promise<void> {
    const { job, fence } = runner;
    const startedAt = performance.now();
    this.#log.debug({ job, fence }, "lease taken");
    await runner.ended;
    this.#log.debug({ job, fence, ms: Math.round(performance.now() - startedAt) }, "lease ended");
    if (runner.settled) this.#forget(runner);
    else setTimeout(() => this.#forget(runner), HOLD_FINISHED_MS).unref();
  }

  cancel({ job, fence }: { job: string; fence: number }): void {
    const runner = this.#find(job, fence);
    if (!runner) return;
    runner.cancel();
    this.#forget(runner);
  }

  stored({ job, fence, seq }: { job: string; fence: number; seq: number }): void {
    const runner = this.#find(job, fence);
    runner?.stored(seq);
    if (runner?.settled) this.#forget(runner);
  }

  /** After `welcome`: resumes the leases that the pool still wants, cancels all others. */
  resume(entries: readonly { job: string; fence: number; fromSeq: number }[], link: FrameLink): void {
    if (this.#unconnectedTimer) clearTimeout(this.#unconnectedTimer);
    this.#unconnectedTimer = null;
    const wanted = new Map(entries.map((entry) => [entry.job, entry]));
    for (const runner of this.#runners.values()) {
      const entry = wanted.get(runner.job);
      const resumed = entry?.fence === runner.fence && runner.attach(link, entry.fromSeq);
      this.#log.info({ job: runner.job, fence: runner.fence, resumed }, "lease held over a reconnect");
      if (resumed) continue;
      if (entry) {
        const { job, fence } = entry;
        const message = "the frames that the pool asks for are no longer kept";
        link.send(JSON.stringify({ type: "fail", job, fence, code: "engine_crashed", message } satisfies WorkerFrame));
      }
      runner.cancel();
      this.#forget(runner);
    }
  }

  /** Called when the connection broke: the work continues for a while without sending. */
  detach(): void {
    for (const runner of this.#runners.values()) runner.detach();
    this.#unconnectedTimer ??= setTimeout(() => this.cancelAll(), HOLD_UNCONNECTED_MS);
    this.#unconnectedTimer.unref();
  }

  cancelAll(): void {
    for (const runner of this.#runners.values()) runner.cancel();
    this.#runners.clear();
  }

  /** Fails all leases because the worker leaves the pool, so that the pool can reassign them at once. */
  shutDown(why = "the worker is stopping"): void {
    for (const runner of this.#runners.values()) runner.fail("shutting_down", why);
    if (this.#unconnectedTimer) clearTimeout(this.#unconnectedTimer);
  }

  #find(job: string, fence: number): LeaseRunner | undefined {
    const runner = this.#runners.get(job);
    return runner?.fence === fence ? runner : undefined;
  }

  #forget(runner: LeaseRunner): void {
    if (this.#runners.get(runner.job) === runner) this.#runners.delete(runner.job);
  }
}
