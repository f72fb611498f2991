/** Takes a lease's frames in order, checks them, commits their text, and ends the lease when they say so. */
import type { WorkerFrame } from "@starai/protocol/worker-frames";
import type { PoolContext } from "../pool/context.ts";
import type { ConnectedWorker } from "../pool/connected-worker.ts";
import type { Loss } from "./attempt-end.ts";
import type { JobEnds } from "./job-ends.ts";
import type { JobStore } from "./job-store.ts";
import { tokensIn } from "./live-job.ts";
import type { LiveJob } from "./live-job.ts";
import type { LiveLease } from "./live-lease.ts";
import { readTokens } from "./read-tokens.ts";
import type { Reading, TokensFrame } from "./read-tokens.ts";
import { stopAt } from "./stop-strings.ts";
import { judgeFailure } from "./worker-failures.ts";
import { objectionTo } from "./check-end.ts";
import type { DoneFrame } from "./check-end.ts";
import { readForm } from "./read-form.ts";

/** Maximum average token length of an answer, characters, in any vocabulary. */
const CHARS_PER_TOKEN_MAX = 64;
/** Characters per token when a worker sends no ids: prose has about 4, deeply indented code under 10. */
const CHARS_PER_UNSEEN_TOKEN_MAX = 16;

export type OrderedFrame = WorkerFrame & { type: "tokens" | "done" | "fail" };

interface CommitParts {
  readonly ctx: PoolContext;
  readonly store: JobStore;
  readonly ends: JobEnds;
}

export class FrameCommitter {
  readonly #parts: CommitParts;

  constructor(parts: CommitParts) {
    this.#parts = parts;
  }

  /** Adds a frame to the lease's inbox; what waits there is handled together. */
  take(job: LiveJob, lease: LiveLease, worker: ConnectedWorker, frame: OrderedFrame): void {
    lease.inbox.push({ frame, worker });
    worker.pending(1);
    if (!lease.committing) void this.#work(job, lease);
  }

  async #work(job: LiveJob, lease: LiveLease): Promise<void> {
    lease.committing = true;
    while (lease.inbox.length > 0) {
      const taken = nextFrames(lease.inbox);
      const frames = taken.map(({ frame }) => frame);
      try {
        if (!lease.over) await this.#handle(job, lease, frames);
      } catch (error) {
        this.#parts.ctx.log.error({ err: error, job: lease.job }, "frames could not be committed");
        this.#parts.ends.lose(job, lease, { end: "internal", blame: "none" });
      }
      // The worker may have reconnected: frames of the old connection do not apply to the new one.
      for (const { worker } of taken) worker.pending(-1);
    }
    lease.committing = false;
  }

  async #handle(job: LiveJob, lease: LiveLease, frames: OrderedFrame[]): Promise<void> {
    const [first] = frames;
    if (first?.type === "done") return this.#done(job, lease, first);
    if (first?.type === "fail") return this.#failed(job, lease, first);
    return this.#commit(job, lease, frames as TokensFrame[]);
  }

  /** Accepts a `done` unless the server's own facts contradict it. */
  async #done(job: LiveJob, lease: LiveLease, frame: DoneFrame): Promise<void> {
    const { ctx, ends } = this.#parts;
    const objection = await objectionTo(ctx, job, lease, frame);
    if (lease.over) return;
    if (objection) return ends.lose(job, lease, objection);
    return ends.finishLease(job, lease, frame.reason);
  }

  async #commit(job: LiveJob, lease: LiveLease, frames: TokensFrame[]): Promise<void> {
    const { ctx, ends, store } = this.#parts;
    const vocabulary = await ctx.vocabularies.open(job.facts.model.id);
    const reading = await readTokens(vocabulary, job, lease, frames);
    if (lease.over) return;
    if (reading.kind === "unverified") return ends.lose(job, lease, { end: "vocabulary_unavailable", blame: "none" });
    if (reading.kind === "false") return this.#refuse(job, lease, reading.reason);
    for (const { tokens } of frames) lease.received(tokens);
    const problem = tooMuch(job, reading);
    if (problem !== null) return this.#refuse(job, lease, problem);
    // Text that no engine could continue within the form is not committed, so that the next worker can continue.
    const breaks = (await readForm(ctx, job, reading.text)) === "breaks";
    if (lease.over) return;
    if (breaks) {
      job.formBreaks++;
      // An engine given a schema may not support all of it: that is not its owner's fault.
      const blame = lease.sendsIds ? "fault" : "form";
      return this.#refuse(job, lease, "the text leaves the form that was asked for", blame);
    }
    const cut = stopIn(job, reading.text);
    this.#count(job, lease, reading, { frames: frames.length, kept: cut?.slice(job.text.length) });
    if (cut !== null) {
      lease.send({ type: "cancel", job: lease.job, fence: lease.fence });
      return ends.finishLease(job, lease, "stop", cut);
    }
    job.append(reading.text);
    store.markDirty(job);
    job.touch();
  }

  /** Drops these frames. */
  #refuse(job: LiveJob, lease: LiveLease, problem: string, blame: Loss["blame"] = "fault"): void {
    lease.send({ type: "dropped", job: lease.job, fence: lease.fence, reason: problem.slice(0, 500) });
    this.#parts.ends.lose(job, lease, { end: `false frame: ${problem}`.slice(0, 200), blame, isFalse: true });
  }

  /** @param kept  what a stop string leaves of the text; undefined: all */
  #count(
    job: LiveJob,
    lease: LiveLease,
    reading: Reading & { kind: "read" },
    { frames, kept }: { frames: number; kept: string | undefined },
  ): void {
    // Counted by committed text: spaces that the form drops are not work.
    const tokens = job.count(reading, frames, kept);
    lease.tokens += tokens;
    if (lease.written === 0) lease.worker?.hasReadPrompt(lease.job);
    lease.written += tokensIn(reading);
    lease.committedSeq += frames;
    const { events, monotonic, registry } = this.#parts.ctx;
    if (job.firstTokenMs === null) {
      job.firstTokenMs = monotonic() - job.facts.submittedAt;
      events.firstToken(job.facts, lease, job.firstTokenMs);
    }
    events.tokensCommitted(job.facts, tokens);
    registry.countTokens(tokens, lease.worker);
  }

  async #failed(job: LiveJob, lease: LiveLease, frame: WorkerFrame & { type: "fail" }): Promise<void> {
    const { ctx, ends } = this.#parts;
    if (frame.code === "shutting_down" && lease.worker) lease.worker.leaving = true;
    const verdict = await judgeFailure(ctx, job, { frame, sendsIds: lease.sendsIds });
    if (lease.over) return;
    if (verdict.kind === "moves")
      ends.lose(job, lease, { end: `${frame.code}: ${frame.message}`.slice(0, 200), blame: verdict.blame });
    else await ends.fail(job, verdict.code, verdict.message);
  }
}

/** Takes the leading token frames, which are handled together, or one frame of another kind. */
function nextFrames(inbox: LiveLease["inbox"]): LiveLease["inbox"] {
  const other = inbox.findIndex(({ frame }) => frame.type !== "tokens");
  return inbox.splice(0, other === -1 ? inbox.length : Math.max(1, other));
}

function tooMuch(job: LiveJob, reading: Reading & { kind: "read" }): string | null {
  const { maxTokens } = job.facts.request;
  if (reading.tokens && job.tokens && job.tokens.length + reading.tokens.length > maxTokens) {
    return `more than the ${maxTokens} tokens asked for`;
  }
  const charsMax = maxTokens * (reading.tokens ? CHARS_PER_TOKEN_MAX : CHARS_PER_UNSEEN_TOKEN_MAX);
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
