/** A machine that follows the protocol and writes the expected answer: the one that answers people beside strangers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease, PoolFrame, ServedModel } from "@starai/protocol/worker-frames";
import { PoolSocket } from "./pool-socket.ts";
import type { Piece, TokenIds } from "./token-ids.ts";
import { writeRest } from "./write-answer.ts";

const TOKENS_PER_FRAME = 4;
/** Pauses between frames: 800 tokens a second, or answers of a second and a half that can be attacked midway. */
export const QUICK_MS = 5;
export const SLOW_MS = 80;
/** Pause before reconnecting after a broken connection, as in the real worker's first retry. */
const RECONNECT_AFTER_MS = 200;

export interface HonestOptions {
  name: string;
  models: readonly ServedModel[];
  ids: TokenIds;
  from?: string;
}

export class HonestWorker {
  readonly #ids: TokenIds;
  readonly #socket: PoolSocket;
  /** Leases it works on, by job. */
  readonly #working = new Map<string, AbortController>();
  #url = "";
  #left = false;
  frameMs = QUICK_MS;
  /** Number of leases it completed. */
  finished = 0;

  constructor({ ids, ...options }: HonestOptions) {
    this.#ids = ids;
    this.#socket = new PoolSocket({
      ...options,
      onFrame: (frame) => this.#onFrame(frame),
      onClose: () => void this.#reconnect(),
    });
  }

  async join(url: string): Promise<void> {
    this.#url = url;
    await this.#socket.join(url);
  }

  leave(): void {
    this.#left = true;
    this.#socket.hangUp();
  }

  /** Breaks the connection, whatever it is doing. */
  breakWire(): void {
    this.#socket.hangUp();
  }

  #onFrame(frame: PoolFrame): void {
    if (frame.type === "lease") void this.#work(frame);
    if (frame.type === "cancel") this.#working.get(frame.job)?.abort();
  }

  async #work(lease: Lease): Promise<void> {
    const { job, fence } = lease;
    const stop = new AbortController();
    this.#working.get(job)?.abort();
    this.#working.set(job, stop);
    const rest = writeRest(lease);
    if (rest === null)
      return this.#socket.send({
        type: "fail",
        job,
        fence,
        code: "constraint_refused",
        message: "cannot go on from here",
      });
    const pieces = this.#ids.of(rest).slice(0, lease.maxTokens);
    let seq = 0;
    for (const some of framesOf(pieces)) {
      await sleep(this.frameMs);
      if (stop.signal.aborted) return;
      const text = some.map((piece) => piece.text).join("");
      this.#socket.send({ type: "tokens", job, fence, seq: seq++, tokens: some.map(({ id }) => id), text });
    }
    this.#socket.send({ type: "done", job, fence, seq, reason: "stop" });
    this.finished++;
    if (this.#working.get(job) === stop) this.#working.delete(job);
  }

  async #reconnect(): Promise<void> {
    for (const stop of this.#working.values()) stop.abort();
    this.#working.clear();
    while (!this.#left) {
      await sleep(RECONNECT_AFTER_MS);
      if (this.#left || this.#socket.isOpen) return;
      await this.#socket.join(this.#url).catch(() => undefined);
    }
  }
}

function* framesOf(pieces: readonly Piece[]): Generator<Piece[]> {
  for (let at = 0; at < pieces.length; at += TOKENS_PER_FRAME) yield pieces.slice(at, at + TOKENS_PER_FRAME);
}
