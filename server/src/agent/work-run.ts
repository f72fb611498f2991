/** Works one run to its end: prepares the loop from the database, runs it, and returns how it ended. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { ErrorCode } from "@starai/protocol/error-codes";
import type { Outcome, RunPhase, Step } from "@starai/protocol/runs";
import type { AgentContext } from "./context.ts";
import { insist, mayHeal } from "../db/insist.ts";
import { Refusal } from "../errors.ts";
import type { PromptCount } from "../jobs/count-prompt.ts";
import type { JobHandle, JobInput } from "../jobs/job.ts";
import { reserveTurn } from "../vocabulary/estimate-tokens.ts";
import { loopMessages, recent, shareContext } from "./conversation.ts";
import type { Said } from "./conversation.ts";
import type { LiveRun } from "./live-run.ts";
import { openingOf } from "./reminders.ts";
import { outcomeText } from "./outcome-text.ts";
import { StepPayments, stepKey } from "./pay-steps.ts";
import { questionWithPersona } from "./persona.ts";
import { sharedPrefix } from "./shared-prefix.ts";
import { ReActStepModel } from "./react-step-model.ts";
import type { DecidedStep, StepListener, StepRequest } from "./react-step-model.ts";
import { runAgent } from "./run-agent.ts";
import { loadHistory, saveStep } from "./run-store.ts";
import type { RunEnd, StoredRun } from "./run-store.ts";
import type { StepBounds } from "./step-format.ts";
import { toolsForQuestion } from "./tools-for-question.ts";
import { agentTools, offered } from "./tools/agent-tools.ts";

/** Context size assumed while the pool has no worker. */
const CONTEXT_TOKENS_GUESS = 4_096;

/** Pause between submits to a full queue: a place in it becomes free about this often. */
const QUEUE_PAUSE_MS = 2_000;

export type SubmitJob = (input: JobInput, done?: { counted: PromptCount | null }) => Promise<JobHandle>;

/** The end of a run whose conversation was deleted: not stored, only sent to its readers. */
export const DELETED: RunEnd = {
  outcome: { kind: "failed", code: "not_found", message: "This conversation was deleted." },
  answer: "",
  lastStep: null,
};

/** The model's setup: its tools and the turns shared by all its runs. */
export function agentSetup(ctx: AgentContext, model: CatalogueModel) {
  const tools = agentTools(ctx, model.tier.toolsMax);
  const offers = tools.map(offered);
  return { tools, offers, prefix: sharedPrefix(offers, model.tier.examples) };
}

/** Returns the end to store, or null when the run stays `running` and is resumed by the next sweep or restart. */
export async function workRun(
  ctx: AgentContext,
  submit: SubmitJob,
  { run, live }: { run: StoredRun; live: LiveRun },
): Promise<RunEnd | null> {
  try {
    await step(ctx, submit, { run, live });
    return answered(live);
  } catch (error) {
    if (live.stopped === "shutdown") return null;
    if (live.stopped === "deleted") return DELETED;
    if (live.stopped === "person")
      return { outcome: { kind: "stopped" }, answer: live.snapshot.answer, lastStep: null };
    if (live.stopped === null && mayHeal(error)) {
      if (!ctx.health.noticed(error))
        ctx.log.warn(
          { err: error, run: live.snapshot.id },
          "the database failed a run; it goes on with the next sweep",
        );
      return null;
    }
    const refusal = live.stopped === "deadline" ? new Refusal("deadline", "the run took too long") : findRefusal(error);
    if (refusal.code === "internal")
      ctx.log.error({ err: error, run: live.snapshot.id }, "a run failed through our own fault");
    else ctx.log.info({ code: refusal.code, reason: refusal.message, run: live.snapshot.id }, "a run could not answer");
    return { outcome: failure(refusal.code, run.language), answer: live.snapshot.answer, lastStep: null };
  }
}

export function failure(code: ErrorCode, language: string): Outcome {
  return { kind: "failed", code, message: outcomeText(code, language) };
}

async function step(
  ctx: AgentContext,
  submit: SubmitJob,
  { run, live }: { run: StoredRun; live: LiveRun },
): Promise<void> {
  const model = ctx.catalogue.get(run.model);
  if (model === undefined)
    throw new Refusal("model_not_found", `The model ${run.model} is not in the catalogue any more.`);
  const earlier = await loadHistory(ctx, run.messageId);
  const said = whatPersonSaid(earlier, run.text);
  const { tools, offers, prefix } = agentSetup(ctx, model);
  const { id, thread, steps } = live.snapshot;
  const question = questionWithPersona(run.text, run);
  const prefixTokens = prefix.reduce((sum, { content }) => sum + reserveTurn(content), 0);
  const contextTokens = ctx.registry.contextOf(model, CONTEXT_TOKENS_GUESS);
  const payments = new StepPayments(ctx, { run, model, contextTokens });
  const { answerCharsMax, historyTokens } = shareContext({
    contextTokens,
    prefixTokens,
    question,
  });
  const bounds: StepBounds = {
    thoughtCharsMax: model.tier.thoughtCharsMax,
    answerCharsMax,
    ...openingOf(question),
  };
  const history = recent(earlier, historyTokens);
  const ask = async (request: StepRequest): Promise<JobHandle> => {
    const { counted } = payments;
    const input: JobInput = {
      key: stepKey(id, request),
      owner: payments.owner,
      model: run.model,
      turns: request.turns,
      constraint: request.constraint,
      sampling: request.sampling,
      maxTokens: request.maxTokens,
      stop: [],
      // One key per thread: the next message's prompt begins with this one's, so its prefix stays cached between runs.
      cacheKey: `thread:${thread}`,
      deadlineMs: ctx.config.limits.jobDeadlineMs,
      ...payments.terms,
    };
    return begin(live, async () => {
      const job = await whenAdmitted(ctx, live, { model, work: () => submit(input, { counted }) });
      live.job = job;
      // The run did not wait for it any longer: nobody would read or pay it.
      if (live.stopped !== null && live.stopped !== "shutdown") await job.cancel("its run is stopped");
      return job;
    });
  };
  await runAgent({
    model: new ReActStepModel({
      runId: id,
      prefix,
      tools: toolsForQuestion(offers, question, said),
      bounds,
      plan: (step) => begin(live, () => whenAdmitted(ctx, live, { model, work: () => payments.plan(step) })),
      ask,
      discard: (job) => payments.discard(job),
      listener: listen(ctx, live, model),
    }),
    tools,
    messages: loopMessages({ runId: id, history, question, steps }),
    onObservation: (observation) => storeObservation(ctx, live, observation),
    signal: live.signal,
  });
}

function whatPersonSaid(history: readonly Said[], question: string): string {
  return [...history.flatMap(({ role, text }) => (role === "user" ? [text] : [])), question].join("\n");
}

/** Lets the run's end wait for work that a stop does not interrupt, so that it leaves neither a bill nor a job behind. */
async function begin<Value>(live: LiveRun, start: () => Promise<Value>): Promise<Value> {
  live.signal.throwIfAborted();
  const work = start();
  live.starting = work.catch(() => undefined);
  return work;
}

/**
 * Does the work, and again while the queue is full (until the run's deadline) or while no machine has the model (for the
 * time people are told to expect).
 */
async function whenAdmitted<Value>(
  ctx: AgentContext,
  live: LiveRun,
  { model, work }: { model: CatalogueModel; work: () => Promise<Value> },
): Promise<Value> {
  const { queueMax, machineWaitMs } = ctx.config.limits;
  const waitsUntil = ctx.monotonic() + machineWaitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const code = error instanceof Refusal ? error.code : null;
      if (code !== "queue_full" && code !== "no_worker") throw error;
      if (code === "no_worker" && ctx.monotonic() >= waitsUntil) throw error;
      if (code === "no_worker") live.emit({ type: "phase", phase: { kind: "no_machine", model: model.name } });
      else live.emit({ type: "phase", phase: { kind: "queued", position: queueMax + 1, etaMs: null } });
      await pause(QUEUE_PAUSE_MS, undefined, { signal: live.signal });
    }
  }
}

/** Translates the loop's events into run events: phases, thoughts, answer text. */
function listen(ctx: AgentContext, live: LiveRun, model: CatalogueModel): StepListener {
  return {
    queued: (place) => live.emit({ type: "phase", phase: waitingFor(ctx, model, place) }),
    reading: () => live.emit({ type: "phase", phase: { kind: "reading" } }),
    moved: (attempt) => live.emit({ type: "moved", attempt }),
    thought: (delta) => {
      live.emit({ type: "phase", phase: { kind: "thinking" } });
      live.emit({ type: "thought", delta });
    },
    tool: (tool) => live.emit({ type: "phase", phase: { kind: "tool", tool } }),
    answering: () => live.emit({ type: "phase", phase: { kind: "answering" } }),
    answer: (delta) => live.emit({ type: "answer", delta }),
    restarted: () => live.restartStep(),
    decided: (decided) => {
      live.step = stepOf(decided, model.id);
      if (decided.action.kind === "tool")
        live.emit({ type: "tool", tool: decided.action.tool, args: decided.action.args });
    },
  };
}

/** The position in the queue, or `no_machine` while no machine serves the model. */
function waitingFor(
  ctx: AgentContext,
  model: CatalogueModel,
  place: { position: number; etaMs: number | null },
): RunPhase {
  return ctx.registry.serves(model.id) ? { kind: "queued", ...place } : { kind: "no_machine", model: model.name };
}

function stepOf({ index, thought, action, job, result }: DecidedStep, model: string): Step {
  return {
    index,
    thought,
    action,
    observation: null,
    job,
    model,
    worker: result.worker === "" ? null : result.worker,
    attempts: result.attempts,
    promptTokens: result.usage.promptTokens,
    completionTokens: result.usage.completionTokens,
    elapsedMs: Math.round(result.elapsedMs),
  };
}

/** Stores a step with its tool's result before the loop goes on: a stored step is never repeated. */
async function storeObservation(
  ctx: AgentContext,
  live: LiveRun,
  observation: { ok: boolean; text: string },
): Promise<void> {
  if (live.step === null) throw new Error("a tool result arrived without a decided step");
  const step: Step = { ...live.step, observation };
  live.step = null;
  await insist(() => saveStep(ctx.db, live.snapshot.id, step), { ctx, what: "a step", signal: live.signal });
  live.emit({ type: "step", step });
}

function answered(live: LiveRun): RunEnd {
  const step = live.step;
  if (step === null) {
    // The answer was stored as a step, but this server died before it stored the end.
    const last = live.snapshot.steps.at(-1)?.action;
    if (last?.kind === "final_answer") return { outcome: { kind: "answered" }, answer: last.text, lastStep: null };
    if (last?.kind === "ask_user") return { outcome: { kind: "asked" }, answer: last.question, lastStep: null };
    throw new Error("the loop ended without a final answer or a question");
  }
  live.emit({ type: "step", step });
  switch (step.action.kind) {
    case "final_answer":
      return { outcome: { kind: "answered" }, answer: step.action.text, lastStep: step };
    case "ask_user":
      return { outcome: { kind: "asked" }, answer: step.action.question, lastStep: step };
    case "tool":
      throw new Error("the loop ended with a tool call that was not executed");
  }
}

function findRefusal(error: unknown): Refusal {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (at instanceof Refusal) return at;
    if (at.name === "GraphRecursionError") return new Refusal("step_cap", "the run took more steps than it may");
  }
  return new Refusal("internal", "Something went wrong on our side.", { cause: error });
}

export const newLife = (): string => randomUUID().slice(0, 8);
