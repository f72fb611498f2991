/**
 * A job in memory: its committed text, its phase, and a way to wait for the next change.
 *
 * It is waiting, leased, or ended. Readers keep their own place in the one committed text, so any number of them,
 * slow ones too, cost no memory.
 */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { ErrorCode } from "@starai/protocol/error-codes";
import { Signal } from "@starai/protocol/signal";
import type { JobNeeds } from "../scheduler/eligibility.ts";
import type { WaitingJob } from "../scheduler/snapshot.ts";
import type { Forecast } from "../scheduler/forecast.ts";
import type { WorkerRecord } from "../pool/worker-record.ts";
import { estimateTokens } from "../vocabulary/estimate-tokens.ts";
import { AnswerCount } from "./answer-count.ts";
import type { CountedText } from "./answer-count.ts";
import { JSON_START, compactJson } from "./compact-json.ts";
import type { JsonPlace } from "./compact-json.ts";
import type { JobRequest } from "../db/job-request.ts";
import type { JobResult } from "./job.ts";
import type { LiveLease } from "./live-lease.ts";
import { heldBack } from "./stop-strings.ts";

export type JobEnd = { kind: "done"; result: JobResult } | { kind: "failed"; code: ErrorCode; message: string };

export type JobPhase =
  | { kind: "waiting"; since: number; moved: boolean; notBefore: number }
  | { kind: "leased"; lease: LiveLease }
  | { kind: "ended"; end: JobEnd };

/** The facts of a job that never change. */
export interface JobFacts {
  readonly id: string;
  readonly key: string;
  readonly owner: string;
  readonly bill: string | null;
  readonly model: CatalogueModel;
  readonly request: JobRequest;
  readonly promptTokens: number;
  /** For a free answer. */
  readonly isFree: boolean;
  /** Somebody's money pays for it. */
  readonly isPaid: boolean;
  /** Who asked; null for a key of the house. */
  readonly person: string | null;
  /** The dearest ask whose worker may take it. */
  readonly askPercentMax: number;
  /** Wall time, as its row says. */
  readonly createdAt: number;
  /** Both by this process's monotonic clock: setting the wall clock moves no deadline. */
  readonly submittedAt: number;
  readonly deadlineAt: number;
}

export class LiveJob {
  readonly facts: JobFacts;
  phase: JobPhase;
  /** Rises with each lease. */
  fence: number;
  /** Leases that reached a worker. */
  attempts: number;
  /** Null once some attempt sent text without ids. */
  tokens: number[] | null;
  estimated: boolean;
  /**
   * Tokens of the prompt that the worker of the last attempt still held of earlier prompts, as far as this server knows;
   * 0 after its restart. A job that moved to a worker that knows nothing of it has none.
   */
  cachedTokens = 0;
  /** Whether the prompt's own tokens could not be counted. */
  readonly promptEstimated: boolean;
  /** Since submission; null before the first token, or when a restart lost it. */
  firstTokenMs: number | null = null;
  place: Forecast | null = null;
  /** Workers that had the job and returned no answer, for any reason. */
  readonly failedOn = new Set<string>();
  /** Workers whose reported end nothing else confirmed, and the length in characters they reported. */
  readonly endSaidAt = new Map<WorkerRecord, number>();
  /** Leases lost, by whose fault: see `job-ends.ts`. */
  losses = 0;
  faults = 0;
  /** Leases lost because the text broke the requested form. */
  formBreaks = 0;
  readonly #count: AnswerCount;
  #text: string;
  #shown: number;
  /** Position in the text as JSON, up to this many characters; only needed when a worker sends no ids. */
  #json = { place: JSON_START, at: 0 };
  readonly #changed = new Signal();

  constructor(
    facts: JobFacts,
    state: {
      fence: number;
      text: string;
      tokens: number[] | null;
      /** Tokens counted so far. */
      counted: number;
      estimated: boolean;
      promptEstimated: boolean;
      phase: JobPhase;
    },
  ) {
    this.facts = facts;
    this.fence = state.fence;
    this.attempts = state.fence;
    this.tokens = state.tokens;
    this.#count = new AnswerCount(state.counted, facts.request.maxTokens);
    this.estimated = state.estimated;
    this.promptEstimated = state.promptEstimated;
    this.phase = state.phase;
    this.#text = state.text;
    this.#shown =
      state.phase.kind === "ended" ? state.text.length : state.text.length - heldBack(state.text, facts.request.stop);
  }

  /** All committed text; a stop string may still be completed across its end. */
  get text(): string {
    return this.#text;
  }

  /** Characters released to readers. Never shrinks. */
  get shown(): number {
    return this.#shown;
  }

  /** Resolves at the next change; the reader then reads the state again. */
  changed(): Promise<void> {
    return this.#changed.next;
  }

  touch(): void {
    this.#changed.happen();
  }

  /** Adds committed text and releases what cannot be part of a stop string. */
  append(text: string): void {
    this.#text += text;
    this.#shown = Math.max(this.#shown, this.#text.length - heldBack(this.#text, this.facts.request.stop));
  }

  /** The position of the committed text as JSON. */
  jsonPlace(): JsonPlace {
    const { place } = compactJson(this.#text.slice(this.#json.at), this.#json.place);
    this.#json = { place, at: this.#text.length };
    return place;
  }

  /** Ends the job; nothing changes afterwards. */
  end(end: JobEnd): void {
    this.phase = { kind: "ended", end };
    if (end.kind === "done") this.#text = end.result.text;
    this.#shown = this.#text.length;
    this.touch();
  }

  /** Marks that its end is being written: it is no longer leased, and no second end starts. */
  ending = false;

  /** Whether all requested tokens are committed. */
  get isWritten(): boolean {
    return this.tokens !== null && this.tokens.length >= this.facts.request.maxTokens;
  }

  /** Tokens delivered so far, as they are billed; estimated by bytes where an engine sent no ids. */
  get completionTokens(): number {
    return this.#count.total;
  }

  /** Counts text about to be committed and returns by how much the bill's tokens rise; see `AnswerCount.add`. */
  count(reading: CountedText, frames: number, kept?: string): number {
    if (!reading.verified) this.estimated = true;
    if (reading.tokens && this.tokens) this.tokens.push(...reading.tokens);
    else this.tokens = null;
    return this.#count.add(reading, frames, kept);
  }

  /** Tokens that the next engine has to read of the committed text, whatever is billed of them. */
  get #textTokens(): number {
    return this.tokens?.length ?? Math.min(this.facts.request.maxTokens, estimateTokens(this.#text));
  }

  /** Maximum tokens still to write. */
  get tokensLeft(): number {
    return Math.max(1, this.facts.request.maxTokens - this.#textTokens);
  }

  /** The scheduler's view; null unless the job is waiting. */
  waiting(): WaitingJob | null {
    if (this.phase.kind !== "waiting" || this.ending) return null;
    const { since, moved, notBefore } = this.phase;
    const { id, owner, isFree } = this.facts;
    return { ...this.#needs(), id, owner, isFree, since, moved, notBefore };
  }

  /** The scheduler's view as if the job lost its worker now. */
  needsWithout(workerId: string): JobNeeds & Pick<WaitingJob, "failedOn"> {
    return { ...this.#needs(), failedOn: new Set([...this.failedOn, workerId]) };
  }

  #needs() {
    const { model, request, promptTokens, askPercentMax, isPaid, person } = this.facts;
    return {
      model: model.id,
      sha256: model.sha256,
      constrained: request.constraint !== null,
      askPercentMax,
      isPaid,
      person,
      promptTokens: promptTokens + this.#textTokens,
      maxTokens: this.tokensLeft,
      cacheKey: request.cacheKey,
      failedOn: this.failedOn,
    };
  }
}

/** Tokens in a frame, to measure a worker's pace by; without ids estimated from its text, since an engine may send much text at once. */
export function tokensIn({ tokens, text }: { tokens: readonly number[] | null; text: string }): number {
  return tokens?.length ?? estimateTokens(text);
}
