/** A stranger's machine: it joins as the protocol says, and then does with each lease whatever its behaviour says. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Lease, PoolFrame, ServedModel, WorkerFrame } from "@starai/protocol/worker-frames";
import { PoolSocket } from "./pool-socket.ts";
import type { TokenIds } from "./token-ids.ts";
import { writeRest } from "./write-answer.ts";

/** Thrown out, it comes again this often at most, and not faster than this. */
const RETURNS_MAX = 200;
const BACK_AFTER_MS = 300;
const TOKENS_PER_FRAME = 16;

export interface HostileOptions {
  name: string;
  models: readonly ServedModel[];
  behaviour: Behaviour;
  ids: TokenIds;
  from?: string;
  /** With a new key each time it comes, since keys are free. */
  freshKeys?: boolean;
}

export type Behaviour = (machine: HostileWorker, lease: Lease) => void | Promise<void>;

export class HostileWorker {
  readonly ids: TokenIds;
  readonly #options: HostileOptions;
  #line: PoolSocket;
  #url = "";
  #gone = false;
  #returns = 0;
  readonly #seqs = new Map<string, number>();
  /** Leases it was given, and which of them the pool has taken back. */
  leases = 0;
  readonly over = new Set<string>();

  constructor(options: HostileOptions) {
    this.ids = options.ids;
    this.#options = options;
    this.#line = this.#newSocket();
  }

  async join(url: string): Promise<void> {
    this.#url = url;
    await this.#line.join(url);
  }

  leave(): void {
    this.#gone = true;
    this.#line.hangUp();
  }

  hangUp(): void {
    this.#line.hangUp();
  }

  send(frame: WorkerFrame): void {
    this.#line.send(frame);
  }

  /** Ids and the text said to be theirs, numbered as they should be. */
  says({ job, fence }: Lease, tokens: number[] | null, text: string): void {
    this.send({ type: "tokens", job, fence, seq: this.#nextSeq(job, fence), tokens, text });
  }

  /** Ids with their own text: nothing of it can be seen to be wrong. */
  saysTruly(lease: Lease, text: string): void {
    const pieces = this.ids.of(text);
    this.says(
      lease,
      pieces.map(({ id }) => id),
      text,
    );
  }

  fails({ job, fence }: Lease, code: Extract<WorkerFrame, { type: "fail" }>["code"], message = "so it says"): void {
    this.send({ type: "fail", job, fence, code, message });
  }

  done({ job, fence }: Lease, reason: "stop" | "length" = "stop"): void {
    this.send({ type: "done", job, fence, seq: this.#nextSeq(job, fence), reason });
  }

  /** For once as an honest machine does. */
  worksHonestly(lease: Lease): void {
    const rest = writeRest(lease);
    if (rest === null) return this.fails(lease, "constraint_refused");
    const pieces = this.ids.of(rest).slice(0, lease.maxTokens);
    for (let at = 0; at < pieces.length; at += TOKENS_PER_FRAME) {
      const some = pieces.slice(at, at + TOKENS_PER_FRAME);
      const text = some.map((piece) => piece.text).join("");
      this.says(
        lease,
        some.map(({ id }) => id),
        text,
      );
    }
    this.done(lease);
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
    const keys = freshKeys || !this.#line ? {} : { keys: this.#line.keys };
    return new PoolSocket({
      ...options,
      ...keys,
      onFrame: (frame) => this.#onFrame(frame),
      onClose: () => void this.#comeBack(),
    });
  }

  #onFrame(frame: PoolFrame): void {
    if (frame.type === "cancel") this.over.add(`${frame.job} ${frame.fence}`);
    if (frame.type !== "lease") return;
    this.leases++;
    void this.#options.behaviour(this, frame);
  }

  async #comeBack(): Promise<void> {
    while (!this.#gone) {
      if (this.#returns++ >= RETURNS_MAX) return;
      await sleep(BACK_AFTER_MS);
      if (this.#gone || this.#line.isOpen) return;
      if (this.#options.freshKeys) this.#line = this.#newSocket();
      await this.#line.join(this.#url).catch(() => undefined);
    }
  }
}
