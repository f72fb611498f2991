/**
 * A job in memory: what is committed, where it stands, and a way to wait for the next change.
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
  readonly model: CatalogueModel;
  readonly request: JobRequest;
  readonly promptTokens: number;
  /** Wall time, as its row says. */
  readonly createdAt: number;
  /** Both by the monotonic clock of this process: a clock that is set moves no deadline. */
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
  /** Null once some attempt gave text without ids. */
  tokens: number[] | null;
  estimated: boolean;
  /** Whether the prompt's own tokens could not be counted. */
  readonly promptEstimated: boolean;
  /** From submission; null until a token came, or where a restart lost it. */
  firstTokenMs: number | null = null;
  place: Forecast | null = null;
  /** Workers that had it and brought no answer, whoever was to blame. */
  readonly failedOn = new Set<string>();
  /** Workers that said where the answer ends while nothing else did, and after how many characters. */
  readonly endSaidAt = new Map<WorkerRecord, number>();
  /** Leases lost, and how many of them by whose fault: see `job-ends.ts`. */
  losses = 0;
  faults = 0;
  /** Leases lost because what came left the form that was asked for. */
  formBreaks = 0;
  #text: string;
  #shown: number;
  /** Where the text stands as JSON, up to this many characters; only asked for where a worker sends no ids. */
  #json = { place: JSON_START, at: 0 };
  readonly #changed = new Signal();

  constructor(
    facts: JobFacts,
    state: {
      fence: number;
      text: string;
      tokens: number[] | null;
      estimated: boolean;
      promptEstimated: boolean;
      phase: JobPhase;
    },
  ) {
    this.facts = facts;
    this.fence = state.fence;
    this.attempts = state.fence;
    this.tokens = state.tokens;
    this.estimated = state.estimated;
    this.promptEstimated = state.promptEstimated;
    this.phase = state.phase;
    this.#text = state.text;
    this.#shown =
      state.phase.kind === "ended" ? state.text.length : state.text.length - heldBack(state.text, facts.request.stop);
  }

  /** Everything committed; a stop string may still be found across its end. */
  get text(): string {
    return this.#text;
  }

  /** Characters readers may have. Never shrinks. */
  get shown(): number {
    return this.#shown;
  }

  /** Resolves at the next change; whoever wakes reads the state again. */
  changed(): Promise<void> {
    return this.#changed.next;
  }

  touch(): void {
    this.#changed.happen();
  }

  /** Adds committed text and shows what cannot be part of a stop string. */
  append(text: string): void {
    this.#text += text;
    this.#shown = Math.max(this.#shown, this.#text.length - heldBack(this.#text, this.facts.request.stop));
  }

  /** Where the committed text stands as JSON. */
  jsonPlace(): JsonPlace {
    const { place } = compactJson(this.#text.slice(this.#json.at), this.#json.place);
    this.#json = { place, at: this.#text.length };
    return place;
  }

  /** The last word: from here on nothing changes. */
  end(end: JobEnd): void {
    this.phase = { kind: "ended", end };
    if (end.kind === "done") this.#text = end.result.text;
    this.#shown = this.#text.length;
    this.touch();
  }

  /** Its end is being written: it is not leased any more, and no second end begins. */
  ending = false;

  /** All tokens asked for are there. */
  get isWritten(): boolean {
    return this.tokens !== null && this.tokens.length >= this.facts.request.maxTokens;
  }

  /** Tokens delivered so far; estimated where an engine gave no ids. */
  get completionTokens(): number {
    return this.tokens?.length ?? Math.min(this.facts.request.maxTokens, estimateTokens(this.#text));
  }

  /** As the scheduler sees it; null unless it waits. */
  waiting(): WaitingJob | null {
    if (this.phase.kind !== "waiting" || this.ending) return null;
    const { since, moved, notBefore } = this.phase;
    return { ...this.#needs(), id: this.facts.id, owner: this.facts.owner, since, moved, notBefore };
  }

  /** As it would wait if it lost this worker now. */
  needsWithout(workerId: string): JobNeeds & Pick<WaitingJob, "failedOn"> {
    return { ...this.#needs(), failedOn: new Set([...this.failedOn, workerId]) };
  }

  #needs() {
    const { model, request, promptTokens } = this.facts;
    return {
      model: model.id,
      sha256: model.sha256,
      constrained: request.constraint !== null,
      promptTokens: promptTokens + this.completionTokens,
      maxTokens: Math.max(1, request.maxTokens - this.completionTokens),
      cacheKey: request.cacheKey,
      failedOn: this.failedOn,
    };
  }
}

/** How many tokens a frame brings; without ids its text has to do, because an engine may give much of it at once. */
export function tokensIn({ tokens, text }: { tokens: readonly number[] | null; text: string }): number {
  return tokens?.length ?? estimateTokens(text);
}
