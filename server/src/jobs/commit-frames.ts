/** Takes a lease's frames in order, checks them, commits their text, and ends the lease when they say so. */
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { AppContext } from "../context.ts";
import type { WorkerSession } from "../pool/worker-session.ts";
import type { JobEnds } from "./job-ends.ts";
import type { JobStore } from "./job-store.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";
import { readTokens } from "./read-tokens.ts";
import type { Reading, TokensFrame } from "./read-tokens.ts";
import { stopAt } from "./stop-strings.ts";
import { judgeFailure } from "./worker-failures.ts";

/** No vocabulary's tokens are longer than this on average over an answer. */
const CHARS_PER_TOKEN_MAX = 64;

export type OrderedFrame = WorkerFrame & { type: "tokens" | "done" | "fail" };

interface CommitParts {
  readonly ctx: AppContext;
  readonly store: JobStore;
  readonly ends: JobEnds;
}

export class FrameCommitter {
  readonly #parts: CommitParts;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /** Adds a frame to the lease's inbox; what waits there is handled together. */
  take(job: LiveJob, lease: LiveLease, session: WorkerSession, frame: OrderedFrame): void {
    lease.inbox.push(frame);
    session.pending(1);
    if (!lease.committing) void this.#work(job, lease, session);
  }

  async #work(job: LiveJob, lease: LiveLease, session: WorkerSession): Promise<void> {
    lease.committing = true;
    while (lease.inbox.length > 0) {
      const frames = nextFrames(lease.inbox);
      try {
        if (!lease.over) await this.#handle(job, lease, frames);
      } catch (err) {
        this.#parts.ctx.log.error({ err, job: lease.job }, "frames could not be committed");
        this.#parts.ends.lose(job, lease, { end: "internal", fault: false });
      }
      session.pending(-frames.length);
    }
    lease.committing = false;
  }

  async #handle(job: LiveJob, lease: LiveLease, frames: OrderedFrame[]): Promise<void> {
    const [first] = frames;
    if (first?.type === "done") return this.#parts.ends.finishLease(job, lease, first.reason);
    if (first?.type === "fail") return this.#failed(job, lease, first);
    return this.#commit(job, lease, frames as TokensFrame[]);
  }

  async #commit(job: LiveJob, lease: LiveLease, frames: TokensFrame[]): Promise<void> {
    const { ctx, ends, store } = this.#parts;
    const vocabulary = await ctx.vocabularies.open(job.facts.model.id);
    const reading = await readTokens(vocabulary, job.tokens ?? [], frames);
    if (lease.over) return;
    const problem = problemOf(job, reading);
    if (reading.kind === "false" || problem !== null) {
      lease.tell({ type: "dropped", job: lease.job, fence: lease.fence, reason: problem ?? "" });
      return ends.lose(job, lease, { end: `false frame: ${problem}`, fault: true });
    }
    this.#count(job, lease, reading, frames.length);
    const cut = stopIn(job, reading.text);
    if (cut !== null) {
      lease.tell({ type: "cancel", job: lease.job, fence: lease.fence });
      return ends.finishLease(job, lease, "stop", cut);
    }
    job.append(reading.text);
    store.markDirty(job);
    job.touch();
  }

  #count(job: LiveJob, lease: LiveLease, reading: Reading & { kind: "read" }, frames: number): void {
    if (!reading.verified) job.estimated = true;
    if (reading.tokens && job.tokens) job.tokens.push(...reading.tokens);
    else job.tokens = null;
    const tokens = reading.tokens?.length ?? frames;
    lease.tokens += tokens;
    lease.committedSeq += frames;
    job.firstTokenAt ??= this.#parts.ctx.clock();
    this.#parts.ctx.registry.countTokens(tokens);
  }

  async #failed(job: LiveJob, lease: LiveLease, frame: WorkerFrame & { type: "fail" }): Promise<void> {
    const { ctx, ends } = this.#parts;
    const verdict = await judgeFailure(ctx, job, lease, frame);
    if (verdict.kind === "moves")
      ends.lose(job, lease, { end: `${frame.code}: ${frame.message}`.slice(0, 200), fault: verdict.fault });
    else await ends.fail(job, verdict.code, verdict.message);
  }
}

/** The tokens frames at the front, which are handled as one, or the one frame of another kind. */
function nextFrames(inbox: OrderedFrame[]): OrderedFrame[] {
  const other = inbox.findIndex((frame) => frame.type !== "tokens");
  return inbox.splice(0, other === -1 ? inbox.length : Math.max(1, other));
}

function problemOf(job: LiveJob, reading: Reading): string | null {
  if (reading.kind === "false") return reading.reason;
  const { maxTokens } = job.facts.request;
  if (reading.tokens && job.tokens && job.tokens.length + reading.tokens.length > maxTokens) {
    return `more than the ${maxTokens} tokens asked for`;
  }
  const charsMax = maxTokens * CHARS_PER_TOKEN_MAX;
  return job.text.length + reading.text.length > charsMax ? `more than ${charsMax} characters` : null;
}

/** The whole answer cut before its first stop string, when the new text completes one. */
function stopIn(job: LiveJob, added: string): string | null {
  const { stop } = job.facts.request;
  if (stop.length === 0) return null;
  const whole = job.text + added;
  const longest = Math.max(...stop.map((one) => one.length));
  const at = stopAt(whole, stop, Math.max(0, job.text.length - longest));
  return at === -1 ? null : whole.slice(0, at);
}
