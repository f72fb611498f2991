/** A stranger's machine: it joins as the protocol requires, then runs its behaviour on each lease. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease, PoolFrame, ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";
import { PoolSocket } from "./pool-socket.ts";
import type { TokenIds } from "./token-ids.ts";
import { writeRest } from "./write-answer.ts";

/** Reconnects at most this often after being thrown out, with this pause before each. */
const RECONNECTS_MAX = 200;
const RECONNECT_AFTER_MS = 300;
const TOKENS_PER_FRAME = 16;

export interface HostileOptions {
  name: string;
  models: readonly ServedModel[];
  behaviour: Behaviour;
  ids: TokenIds;
  from?: string;
  /** Takes a new key for each connection, since keys are free. */
  freshKeys?: boolean;
}

export type Behaviour = (machine: HostileWorker, lease: Lease) => void | Promise<void>;

export class HostileWorker {
  readonly ids: TokenIds;
  readonly #options: HostileOptions;
  #socket: PoolSocket;
  #url = "";
  #gone = false;
  #reconnects = 0;
  readonly #seqs = new Map<string, number>();
  /** Number of leases it was given, and those (`job fence`) the pool has cancelled. */
  leases = 0;
  readonly over = new Set<string>();

  constructor(options: HostileOptions) {
    this.ids = options.ids;
    this.#options = options;
    this.#socket = this.#newSocket();
  }

  async join(url: string): Promise<void> {
    this.#url = url;
    await this.#socket.join(url);
  }

  leave(): void {
    this.#gone = true;
    this.#socket.hangUp();
  }

  hangUp(): void {
    this.#socket.hangUp();
  }

  send(frame: WorkerFrame): void {
    this.#socket.send(frame);
  }

  /** Sends token ids with the text claimed for them, under the correct sequence number. */
  sendTokens({ job, fence }: Lease, tokens: number[] | null, text: string): void {
    this.send({ type: "tokens", job, fence, seq: this.#nextSeq(job, fence), tokens, text });
  }

  /** Sends a text with its true token ids, which the server cannot reject by decoding. */
  sendText(lease: Lease, text: string): void {
    const pieces = this.ids.of(text);
    this.sendTokens(
      lease,
      pieces.map(({ id }) => id),
      text,
    );
  }

  sendFail({ job, fence }: Lease, code: Extract<WorkerFrame, { type: "fail" }>["code"], message = "so it says"): void {
    this.send({ type: "fail", job, fence, code, message });
  }

  sendDone({ job, fence }: Lease, reason: "stop" | "length" = "stop"): void {
    this.send({ type: "done", job, fence, seq: this.#nextSeq(job, fence), reason });
  }

  /** Answers this lease as an honest machine does. */
  workHonestly(lease: Lease): void {
    const rest = writeRest(lease);
    if (rest === null) return this.sendFail(lease, "constraint_refused");
    const pieces = this.ids.of(rest).slice(0, lease.maxTokens);
    for (let at = 0; at < pieces.length; at += TOKENS_PER_FRAME) {
      const some = pieces.slice(at, at + TOKENS_PER_FRAME);
      const text = some.map((piece) => piece.text).join("");
      this.sendTokens(
        lease,
        some.map(({ id }) => id),
        text,
      );
    }
    this.sendDone(lease);
  }

  isOver({ job, fence }: Lease): boolean {
    return this.#gone || this.over.has(`${job} ${fence}`);
  }

  #nextSeq(job: string, fence: number): number {
    const key = `${job} ${fence}`;
    const seq = this.#seqs.get(key) ?? 0;
    this.#seqs.set(key, seq + 1);
    return seq;
  }

  #newSocket(): PoolSocket {
    const { freshKeys, behaviour: _behaviour, ids: _ids, ...options } = this.#options;
    const keys = freshKeys || !this.#socket ? {} : { keys: this.#socket.keys };
    return new PoolSocket({
      ...options,
      ...keys,
      onFrame: (frame) => this.#onFrame(frame),
      onClose: () => void this.#reconnect(),
    });
  }

  #onFrame(frame: PoolFrame): void {
    if (frame.type === "cancel") this.over.add(`${frame.job} ${frame.fence}`);
    if (frame.type !== "lease") return;
    this.leases++;
    void this.#options.behaviour(this, frame);
  }

  async #reconnect(): Promise<void> {
    while (!this.#gone) {
      if (this.#reconnects++ >= RECONNECTS_MAX) return;
      await sleep(RECONNECT_AFTER_MS);
      if (this.#gone || this.#socket.isOpen) return;
      if (this.#options.freshKeys) this.#socket = this.#newSocket();
      await this.#socket.join(this.#url).catch(() => undefined);
    }
  }
}
