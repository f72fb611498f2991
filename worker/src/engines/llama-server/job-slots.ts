/**
 * Hands out the server's slots in the order in which they were asked for. The server could keep jobs waiting itself, but
 * it says nothing meanwhile, and a server that hangs would look the same.
 */
import { EngineFailure } from "../engine.ts";

export type Release = () => void;

export class JobSlots {
  readonly #waiting: ((release: Release) => void)[] = [];
  #free: number;
  #warming: AbortController | null = null;

  constructor(size: number) {
    this.#free = size;
  }

  /** The engine bounds how many wait. @throws EngineFailure when `signal` aborts meanwhile. */
  async take(signal: AbortSignal): Promise<Release> {
    if (this.#free > 0) return this.#hand();
    this.#warming?.abort();
    return await new Promise<Release>((resolve, reject) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => {
        const at = this.#waiting.indexOf(resolve);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(new EngineFailure("busy", "cancelled while waiting for a slot"));
      });
    });
  }

  /** A slot to read a prefix into, if one is free: never waits, and the signal aborts when a job wants it. */
  takeForWarming(): { release: Release; signal: AbortSignal } | null {
    if (this.#free === 0 || this.#warming) return null;
    const warming = (this.#warming = new AbortController());
    const release = this.#hand();
    return {
      signal: warming.signal,
      release: () => {
        this.#warming = null;
        release();
      },
    };
  }

  #hand(): Release {
    this.#free -= 1;
    return () => {
      this.#free += 1;
      if (this.#waiting.length > 0) this.#waiting.shift()?.(this.#hand());
    };
  }
}
