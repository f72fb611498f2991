/**
 * One lease being worked on, over however many connections it takes.
 *
 * Frames are numbered from 0 and kept until the pool acknowledges them as stored. While there is a link they are sent as
 * they come; without one they wait, and after a reconnect the pool names the first one it lacks.
 */
import { createHash } from "node:crypto";
import { commitmentHead, idBytes } from "@starai/protocol/commitment";
import { TOKENS_PER_FRAME_MAX } from "@starai/protocol/worker-frames";
import type { FailureCode, FinishReason, Lease, WorkerFrame } from "@starai/protocol/worker-frames";
import { EngineFailure } from "./engines/engine.ts";
import type { Engine, EngineEvent } from "./engines/engine.ts";

/** Most bytes of unstored frames per lease: about 4,000 tokens. Beyond it the lease cannot be resumed. */
const UNSTORED_BYTES_MAX = 64 * 1024;
/** Events within this time are sent as one frame; a reader does not see the difference. */
const COALESCE_MS = 25;
const COALESCE_TOKENS = 16;
/** Without ids the pool counts one token a frame at most, so pieces go out one by one up to 200 a second. */
const COALESCE_WITHOUT_IDS_MS = 5;
const PROGRESS_MS = 1_000;
const TEXT_PER_FRAME_MAX = 16_384;

/** The connection as a lease sees it. */
export interface FrameLink {
  /** Whether the pool knows commitments: one of version 1.0 refuses what it does not know. */
  readonly takesCommitments: boolean;
  send(frame: string): void;
  /** Resolves once the connection can accept more, or is gone. */
  drained(): Promise<void>;
}

type Sequenced = Extract<WorkerFrame, { type: "tokens" | "done" }>;

/** Of an engine, what one lease needs. */
export interface LeaseEngine extends Pick<Engine, "generate"> {
  readonly served: Pick<Engine["served"], "sha256" | "tokenIds">;
}

export class LeaseRunner {
  readonly job: string;
  readonly fence: number;
  /** Settles when the engine has finished with the job. */
  readonly ended: Promise<void>;
  readonly #lease: Lease;
  readonly #engine: LeaseEngine;
  /** Of what it wrote so far; null where the engine tells no ids. */
  readonly #commitment: ReturnType<typeof createHash> | null;
  readonly #abort = new AbortController();
  #link: FrameLink | null;
  #commits: boolean;
  #nextSeq = 0;
  #unstored: { seq: number; frame: string }[] = [];
  #unstoredBytes = 0;
  #failure: string | null = null;
  #pending: { tokens: number[] | null; text: string; events: number } | null = null;
  #flushTimer: NodeJS.Timeout | null = null;
  #progress = 0;
  #finished = false;

  constructor(lease: Lease, engine: LeaseEngine, link: FrameLink) {
    this.job = lease.job;
    this.fence = lease.fence;
    this.#lease = lease;
    this.#engine = engine;
    this.#link = link;
    this.#commits = link.takesCommitments;
    const { sha256, tokenIds } = engine.served;
    this.#commitment = tokenIds ? createHash("sha256").update(commitmentHead({ ...lease, sha256 })) : null;
    this.ended = this.#run();
  }

  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** Whether the engine has ended; its last frames may still be unstored. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Whether the pool has stored every frame, so that this lease can be forgotten. */
  get settled(): boolean {
    return this.#finished && this.#unstored.length === 0;
  }

  /** Called when the connection broke: further frames wait. */
  detach(): void {
    this.#link = null;
  }

  /** Resumes over a new connection from the frame that the pool lacks. Returns `false` if that frame is gone. */
  attach(link: FrameLink, fromSeq: number): boolean {
    const first = this.#unstored[0]?.seq ?? this.#nextSeq;
    if (fromSeq < first || fromSeq > this.#nextSeq) return false;
    this.#link = link;
    this.#commits = link.takesCommitments;
    this.stored(fromSeq);
    for (const { frame } of this.#unstored) link.send(frame);
    if (this.#failure) link.send(this.#failure);
    return true;
  }

  /** Drops every frame below `seq`: the pool has stored them. */
  stored(seq: number): void {
    const kept = this.#unstored.findIndex((frame) => frame.seq >= seq);
    const gone = this.#unstored.splice(0, kept < 0 ? this.#unstored.length : kept);
    for (const { frame } of gone) this.#unstoredBytes -= frame.length;
  }

  /** Ends the work without sending anything to the pool. */
  cancel(): void {
    this.#finished = true;
    this.#link = null;
    this.#pending = null;
    this.#unstored = [];
    this.#abort.abort();
  }

  /** Ends the work and sends the reason to the pool. */
  fail(code: FailureCode, message: string): void {
    if (this.#finished) return;
    this.#flush();
    this.#finished = true;
    this.#failure = JSON.stringify({
      type: "fail",
      job: this.job,
      fence: this.fence,
      code,
      message: message.slice(0, 500),
    } satisfies WorkerFrame);
    this.#link?.send(this.#failure);
    this.#abort.abort();
  }

  async #run(): Promise<void> {
    const ticker = setInterval(() => this.#tick(), PROGRESS_MS);
    try {
      for await (const event of this.#engine.generate(this.#lease, this.#abort.signal)) {
        this.#take(event);
        if (this.#finished) break;
        await this.#link?.drained();
      }
      if (!this.#finished) this.fail("engine_crashed", "the engine ended without a reason");
    } catch (error) {
      const code = error instanceof EngineFailure ? error.code : "engine_crashed";
      this.fail(code, error instanceof Error ? error.message : String(error));
    } finally {
      clearInterval(ticker);
      if (this.#flushTimer) clearTimeout(this.#flushTimer);
    }
  }

  #take(event: EngineEvent): void {
    if (this.#finished) return;
    switch (event.kind) {
      case "progress":
        this.#progress = Math.min(1, Math.max(0, event.done));
        return;
      case "tokens":
        return this.#coalesce(event);
      case "done":
        this.#flush();
        this.#emit(this.#done(event.reason));
        this.#finished = true;
        return;
      default:
        event satisfies never;
    }
  }

  #done(reason: FinishReason): Sequenced {
    const { job, fence } = this;
    const commitment = this.#commits ? this.#commitment?.digest("hex") : undefined;
    return { type: "done", job, fence, seq: this.#nextSeq, reason, ...(commitment && { commitment }) };
  }

  /** Sends progress each second while a model loads or a long prompt is read. */
  #tick(): void {
    if (this.#finished || this.#nextSeq > 0) return;
    const frame: WorkerFrame = { type: "progress", job: this.job, fence: this.fence, done: this.#progress };
    this.#link?.send(JSON.stringify(frame));
  }

  #coalesce({ tokens, text }: { tokens: number[] | null; text: string }): void {
    // Thrown here, where it fails the lease: an error in the flush timer would have no handler.
    if (tokens && tokens.length > TOKENS_PER_FRAME_MAX)
      throw new EngineFailure("engine_crashed", `the engine gave ${tokens.length} tokens at once`);
    if ((this.#pending?.tokens?.length ?? 0) + (tokens?.length ?? 0) > TOKENS_PER_FRAME_MAX) this.#flush();
    const pending = (this.#pending ??= { tokens: tokens && [], text: "", events: 0 });
    if (tokens) pending.tokens = [...(pending.tokens ?? []), ...tokens];
    pending.text += text;
    pending.events++;
    // The first token is sent at once: somebody is watching for it.
    if (this.#nextSeq === 0 || pending.events >= COALESCE_TOKENS) return this.#flush();
    this.#flushTimer ??= setTimeout(() => this.#flush(), tokens ? COALESCE_MS : COALESCE_WITHOUT_IDS_MS);
  }

  #flush(): void {
    if (this.#flushTimer) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    const pending = this.#pending;
    this.#pending = null;
    if (!pending) return;
    const { job, fence } = this;
    for (const { tokens, text } of framesOf(pending)) {
      if (tokens) this.#commitment?.update(idBytes(tokens));
      this.#emit({ type: "tokens", job, fence, seq: this.#nextSeq, tokens, text });
    }
  }

  #emit(frame: Sequenced): void {
    const text = JSON.stringify(frame);
    this.#unstored.push({ seq: frame.seq, frame: text });
    this.#unstoredBytes += text.length;
    this.#nextSeq = frame.seq + 1;
    this.#link?.send(text);
    if (this.#unstoredBytes <= UNSTORED_BYTES_MAX) return;
    // Disconnected and too far ahead to resume: another worker continues from the stored frames.
    if (!this.#link) return this.cancel();
    while (this.#unstoredBytes > UNSTORED_BYTES_MAX) this.#unstoredBytes -= this.#unstored.shift()?.frame.length ?? 0;
  }
}

/** Splits text that exceeds a frame. Text with ids stays whole: only an engine without ids emits that much at once. */
function framesOf({ tokens, text }: { tokens: number[] | null; text: string }) {
  if (text.length <= TEXT_PER_FRAME_MAX) return [{ tokens, text }];
  const parts: { tokens: number[] | null; text: string }[] = [];
  // Split by code points, so that no part ends inside a surrogate pair.
  let part = "";
  for (const character of text) {
    if (part.length + character.length > TEXT_PER_FRAME_MAX) {
      parts.push({ tokens: tokens && [], text: part });
      part = "";
    }
    part += character;
  }
  return [...parts, { tokens, text: part }];
}
