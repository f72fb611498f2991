/**
 * Work that is repeated: in its time, at once when somebody waits for it, and after a fault less and less often. An outage
 * is one line in the log, and its end another.
 */
import { pause } from "@starai/protocol/pause";
import { GrowingPause } from "@starai/protocol/retry";
import type { Base } from "../base.ts";

const AFTER_FAULT = { firstMs: 3_000, maxMs: 60_000 };
/** However many people wait. */
const LEAST_MS = 500;

export interface Repeated {
  /** Soon. During an outage it changes nothing: who does not answer is not asked more often because somebody waits. */
  poke(): void;
  /** Waits for what is under way only where that has not given up at the signal. */
  stop(): Promise<void>;
}

/** @param what  "the TON network is read" @param work  ends early once the signal is raised */
export function repeat(
  ctx: Pick<Base, "log" | "health">,
  { what, everyMs }: { what: string; everyMs: number },
  work: (signal: AbortSignal) => Promise<void>,
): Repeated {
  const stopping = new AbortController();
  const { signal } = stopping;
  const outage = new Outage(ctx, what);
  const bell = new Bell();
  const running = (async () => {
    while (!signal.aborted) {
      bell.listen();
      const isDone = await work(signal).then(
        () => outage.ended(),
        (error: unknown) => signal.aborted || outage.goesOn(error),
      );
      await pause(LEAST_MS, signal);
      if (isDone) await bell.wait(everyMs - LEAST_MS, signal);
      else await pause(outage.nextMs() - LEAST_MS, signal);
    }
  })();
  return {
    poke: () => bell.ring(),
    stop: async () => {
      stopping.abort(new Error("the server is stopping"));
      bell.ring();
      await running;
    },
  };
}

/** What an endpoint is asked: a stop does not wait for its answer. */
export function unlessStopped<Value>(signal: AbortSignal, asked: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    void asked.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

class Outage {
  readonly #ctx: Pick<Base, "log" | "health">;
  readonly #what: string;
  readonly #growing = new GrowingPause(AFTER_FAULT);
  #isOn = false;

  constructor(ctx: Pick<Base, "log" | "health">, what: string) {
    this.#ctx = ctx;
    this.#what = what;
  }

  ended(): true {
    if (this.#isOn) this.#ctx.log.info(`${this.#what} again`);
    this.#isOn = false;
    this.#growing.reset();
    return true;
  }

  goesOn(error: unknown): false {
    if (!this.#ctx.health.noticed(error) && !this.#isOn) {
      this.#ctx.log.warn({ err: error }, `it failed that ${this.#what}: nothing is lost, and it is tried again`);
      this.#isOn = true;
    }
    return false;
  }

  nextMs(): number {
    return this.#growing.nextMs();
  }
}

/** Ends a wait, or the next one where nobody waits yet. */
class Bell {
  #waiting: AbortController | null = null;
  #isRung = false;

  /** What rings from now on is heard. */
  listen(): void {
    this.#isRung = false;
  }

  ring(): void {
    this.#isRung = true;
    this.#waiting?.abort();
  }

  async wait(ms: number, stopped: AbortSignal): Promise<void> {
    if (this.#isRung || stopped.aborted) return;
    this.#waiting = new AbortController();
    await pause(ms, this.#waiting.signal);
    this.#waiting = null;
  }
}
