/**
 * A LangChain chat model whose every turn is one step: a JSON object that the engine's grammar enforces.
 *
 * The engine is never sent tools. It gets plain turns and a schema of the allowed next actions; its output is validated
 * again before anything acts on it. A step that is cut off or invalid is retried once at a higher
 * temperature, then the run fails with a typed error: a partial step is never shown as an answer.
 */
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import type { BaseMessage } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";
import type { Turn } from "@starai/protocol/template";
import type { Constraint, Sampling } from "@starai/protocol/worker-frames";
import { storable } from "../db/storable.ts";
import { Refusal } from "../errors.ts";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import type { CompiledConstraint } from "../grammar/compile-constraint.ts";
import type { JobHandle, JobResult } from "../jobs/job.ts";
import { stepMessage, turnsOf } from "./conversation.ts";
import { runSoFar, toolsForNextStep } from "./loop-guard.ts";
import { RepetitionWatch } from "./repeats-itself.ts";
import { readDecision, stepSchema } from "./step-format.ts";
import type { Decision, OfferedTool, StepBounds } from "./step-format.ts";
import { stepReader } from "./step-stream.ts";
import type { StepHearer } from "./step-stream.ts";

/** One model call, ready to be sent. */
export interface StepRequest {
  index: number;
  /** 0, or 1 for the second try. */
  attempt: number;
  turns: Turn[];
  constraint: Constraint;
  sampling: Sampling;
  maxTokens: number;
}

/** A decided step with its cost. */
export interface DecidedStep extends Decision {
  index: number;
  job: string;
  result: JobResult;
}

export interface StepListener extends StepHearer {
  queued(place: { position: number; etaMs: number | null }): void;
  reading(): void;
  /** The job's worker was lost and another continues it. */
  moved(attempt: number): void;
  /** Discard this step's partial output; it is being retried. */
  restarted(): void;
  decided(step: DecidedStep): void;
}

export interface ReActStepModelFields {
  runId: string;
  /** The turns before the conversation, the same for every run. */
  prefix: readonly Turn[];
  tools: readonly OfferedTool[];
  bounds: StepBounds;
  /** How much of a step can be paid for. */
  plan: (step: PlannedStep) => Promise<AffordableStep>;
  /** Submits a step to the pool. Idempotent: the same index and attempt return the same job. */
  ask: (request: StepRequest) => Promise<JobHandle>;
  /** The job's output was of no use; the step is tried again, and nobody pays for this one. */
  discard: (job: string) => Promise<void>;
  listener: StepListener;
}

/** A step before its form is known: it depends on what can be paid. */
export type PlannedStep = Pick<StepRequest, "index" | "attempt" | "turns" | "maxTokens">;

/** The whole step; or one that must be the last, with so many tokens at most. */
export type AffordableStep = { kind: "fits" } | { kind: "last"; answerTokensMax: number };

const TRIES_MAX = 2;
/** Sampling per try: greedy first; the second must differ from it. */
const SAMPLING: readonly Sampling[] = [
  { temperature: 0, topP: 1, seed: 1 },
  { temperature: 0.7, topP: 0.9, seed: 2 },
];
/** Braces, names and quotes of a step. */
const FRAME_TOKENS = 60;
/** Of a last step that money bounds. */
const LAST_THOUGHT_CHARS_MAX = 40;
const LAST_ANSWER_CHARS_MIN = 60;
/** The fewest tokens that a last step is made with. */
export const LAST_STEP_TOKENS = FRAME_TOKENS + LAST_THOUGHT_CHARS_MAX + LAST_ANSWER_CHARS_MIN;

export class ReActStepModel extends BaseChatModel {
  readonly #fields: ReActStepModelFields;

  constructor(fields: ReActStepModelFields) {
    // LangChain would retry failed calls six times by itself; retrying is the pool's work.
    super({ maxRetries: 0 });
    this.#fields = fields;
  }

  override _llmType(): string {
    return "starai-react-step";
  }

  /** Ignores the tools: they are in the system text and in each step's schema, not in a request. */
  override bindTools(): this {
    return this;
  }

  override async _generate(messages: BaseMessage[], options: this["ParsedCallOptions"]): Promise<ChatResult> {
    const decision = await this.#step(messages, options.signal);
    const message = stepMessage(decision, `${this.#fields.runId}:${decision.index}`);
    return { generations: [{ text: message.text, message }] };
  }

  async #step(messages: readonly BaseMessage[], signal: AbortSignal | undefined): Promise<DecidedStep> {
    const { tools, bounds, prefix, listener } = this.#fields;
    const done = runSoFar(messages);
    const index = done.steps.length;
    const turns = [...prefix, ...turnsOf(messages)];
    for (let attempt = 0; ; attempt++) {
      const plan = await this.#fields.plan({ index, attempt, turns, maxTokens: tokensMax(bounds) });
      const within = plan.kind === "fits" ? bounds : shortened(bounds, plan.answerTokensMax);
      const offered = plan.kind === "fits" ? toolsForNextStep(tools, done) : [];
      const form = compileConstraint(stepSchema(offered, within));
      const sampling = SAMPLING[attempt] ?? { temperature: 0.7, topP: 0.9, seed: 1 + attempt };
      const request = { index, attempt, turns, constraint: form.constraint, sampling, maxTokens: tokensMax(within) };
      const tried = await this.#try(request, { form, offered, signal });
      if (!("why" in tried)) {
        listener.decided(tried);
        return tried;
      }
      if (attempt + 1 >= TRIES_MAX) throw tried.why;
      await this.#fields.discard(tried.job);
      listener.restarted();
    }
  }

  /** Runs one job. Returns its decision, or why its text is none. @throws the pool's refusals */
  async #try(
    request: StepRequest,
    {
      form,
      offered,
      signal,
    }: { form: CompiledConstraint; offered: readonly OfferedTool[]; signal: AbortSignal | undefined },
  ): Promise<DecidedStep | { job: string; why: Refusal }> {
    signal?.throwIfAborted();
    const handle = await this.#fields.ask(request);
    // The second try has no watch: a model that repeats itself again was asked to do so.
    const watch = request.attempt === 0 ? new RepetitionWatch() : null;
    const result = await this.#follow(handle, { offered, watch, signal });
    if (result instanceof Refusal) return { job: handle.id, why: result };
    const decision = decisionIn(result, form);
    if (decision instanceof Refusal) return { job: handle.id, why: decision };
    return { ...decision, index: request.index, job: handle.id, result };
  }

  async #follow(
    handle: JobHandle,
    {
      offered,
      watch,
      signal,
    }: { offered: readonly OfferedTool[]; watch: RepetitionWatch | null; signal: AbortSignal | undefined },
  ): Promise<JobResult | Refusal> {
    const { listener } = this.#fields;
    const reader = stepReader(offered, listener);
    let broken: Refusal | null = null;
    for await (const event of untilAborted(handle.events(), signal)) {
      switch (event.kind) {
        case "queued":
          listener.queued(event);
          break;
        case "leased":
          if (event.attempt > 1) listener.moved(event.attempt);
          else listener.reading();
          break;
        case "text":
          try {
            if (broken !== null) break;
            reader.push(event.text);
            if (watch?.push(event.text) === true) throw new Error("the step repeats itself");
          } catch (error) {
            broken = new Refusal("output_invalid", "The model's answer was not in the agreed form; ask again.", {
              cause: error,
            });
            await handle.cancel("the step is not one", "output_invalid");
          }
          break;
        case "done":
          return broken ?? event.result;
        case "failed":
          return broken ?? retryable(new Refusal(event.code, event.message));
      }
    }
    throw new Error("the job's events ended without `done` or `failed`");
  }
}

/**
 * Tokens for the whole step: a character is at most about one token in the languages we know, so a step that keeps its
 * schema is cut off only by strings of rare emoji.
 */
export function tokensMax(bounds: StepBounds): number {
  return FRAME_TOKENS + bounds.thoughtCharsMax + bounds.answerCharsMax;
}

/** The bounds of a step with so many tokens in all: a short thought, and the rest is the answer. */
function shortened(bounds: StepBounds, tokens: number): StepBounds {
  const thoughtCharsMax = Math.min(bounds.thoughtCharsMax, LAST_THOUGHT_CHARS_MAX);
  const room = Math.max(LAST_ANSWER_CHARS_MIN, tokens - FRAME_TOKENS - thoughtCharsMax);
  return { ...bounds, thoughtCharsMax, answerCharsMax: Math.min(bounds.answerCharsMax, room) };
}

function decisionIn(result: JobResult, form: CompiledConstraint): Decision | Refusal {
  if (result.finishReason === "length")
    return new Refusal("output_truncated", "The model wrote more than a step may hold; ask for something shorter.");
  return readStep(result.text, form);
}

function readStep(text: string, form: CompiledConstraint): Decision | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(text, asStored);
  } catch (error) {
    return new Refusal("output_invalid", "The model's answer was not in the agreed form; ask again.", { cause: error });
  }
  const fault = form.validate(value);
  if (fault !== null)
    return new Refusal("output_invalid", `The model's answer was not in the agreed form (${fault}); ask again.`);
  return readDecision(value);
}

/** Strips JSON escapes that a row cannot store, so the loop goes on with the same text as after a restart. */
function asStored(_key: string, value: unknown): unknown {
  return typeof value === "string" ? storable(value) : value;
}

/** Rejects as soon as the run is stopped; cancelling the job is left to the code that stops the run. */
async function* untilAborted<T>(events: AsyncIterable<T>, signal: AbortSignal | undefined): AsyncGenerator<T> {
  const iterator = events[Symbol.asyncIterator]();
  const listening = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true, signal: listening.signal });
  });
  aborted.catch(() => undefined);
  try {
    for (;;) {
      signal?.throwIfAborted();
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Node keeps a composed signal alive while it has a listener, and with it the whole run.
    listening.abort();
  }
}

/** Returns `output_invalid`, which may be retried once. @throws every other refusal */
function retryable(refusal: Refusal): Refusal {
  if (refusal.code === "output_invalid") return refusal;
  throw refusal;
}
