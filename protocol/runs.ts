/**
 * A run is one agent answer, made of steps. These are the things every surface (bot, Mini App) sees of it.
 *
 * A subscriber that brings no Last-Event-ID, or one the server no longer remembers, first gets a `snapshot` with
 * everything so far; then deltas follow. So a reader may appear at any moment and after any restart.
 */
import { z } from "zod";
import { ERROR_CODES } from "./error-codes.ts";
import { RunBill } from "./receipts.ts";

export const StepAction = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("tool"), tool: z.string(), args: z.record(z.string(), z.unknown()) }),
  z.strictObject({ kind: z.literal("ask_user"), question: z.string() }),
  z.strictObject({ kind: z.literal("final_answer"), text: z.string() }),
]);
export type StepAction = z.infer<typeof StepAction>;

/** One finished step: its thought, its tool call, the result and the cost. */
export const Step = z.strictObject({
  index: z.int().nonnegative(),
  thought: z.string(),
  action: StepAction,
  /** What the tool answered; `null` for steps that call none. */
  observation: z.strictObject({ ok: z.boolean(), text: z.string() }).nullable(),
  job: z.uuid().nullable(),
  model: z.string(),
  worker: z.string().nullable(),
  attempts: z.int().nonnegative(),
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
  elapsedMs: z.int().nonnegative(),
});
export type Step = z.infer<typeof Step>;

/** Shorter thoughts are labels ("A fact I know."), which explain nothing. */
export const LABEL_WORDS_MAX = 5;

export function isLabel(thought: string): boolean {
  return thought.split(/\s+/u).filter((word) => word !== "").length <= LABEL_WORDS_MAX;
}

/** Whether the steps are worth unfolding as "how I got there": a tool was called, or a reason was given. */
export function tellsHow(steps: readonly Pick<Step, "thought" | "action">[]): boolean {
  return steps.some(({ thought, action }) => action.kind === "tool" || !isLabel(thought));
}

/** How a run ended. A person can always be told which and what to do next. */
export const Outcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("answered") }),
  z.strictObject({ kind: z.literal("asked") }),
  z.strictObject({ kind: z.literal("stopped") }),
  z.strictObject({ kind: z.literal("failed"), code: z.enum(ERROR_CODES), message: z.string() }),
]);
export type Outcome = z.infer<typeof Outcome>;

export const RunStatus = z.enum(["running", "answered", "asked", "stopped", "failed"]);
export type RunStatus = z.infer<typeof RunStatus>;

/** What a person thought of an answer. */
export const Feedback = z.enum(["up", "down"]);
export type Feedback = z.infer<typeof Feedback>;

/** A person's question waits this long for a machine with its model: one that restarts is back within a minute. */
export const MACHINE_WAIT_MINUTES = 2;

/** Where the run waits or works right now, for the one line a person sees while thinking. */
export const RunPhase = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("queued"), position: z.int(), etaMs: z.int().nullable() }),
  /** Nobody online has the model, by its name for people; the run waits `MACHINE_WAIT_MINUTES` for somebody. */
  z.strictObject({ kind: z.literal("no_machine"), model: z.string() }),
  z.strictObject({ kind: z.literal("reading") }),
  z.strictObject({ kind: z.literal("thinking") }),
  z.strictObject({ kind: z.literal("tool"), tool: z.string() }),
  z.strictObject({ kind: z.literal("answering") }),
]);
export type RunPhase = z.infer<typeof RunPhase>;

export const RunSnapshot = z.strictObject({
  id: z.uuid(),
  thread: z.uuid(),
  status: RunStatus,
  phase: RunPhase,
  steps: z.array(Step),
  /** Of the step being written: what is there so far. */
  thought: z.string(),
  /** The answer (or question) as far as it is written; whole when the run has ended. */
  answer: z.string(),
  outcome: Outcome.nullable(),
  /** What it cost; absent while it runs, and for answers from before answers had a price. */
  bill: RunBill.nullish(),
});
export type RunSnapshot = z.infer<typeof RunSnapshot>;

export const RunEvent = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("snapshot"), run: RunSnapshot }),
  z.strictObject({ type: z.literal("phase"), phase: RunPhase }),
  z.strictObject({ type: z.literal("thought"), delta: z.string() }),
  /** The model began to call a tool; arguments are complete. */
  z.strictObject({ type: z.literal("tool"), tool: z.string(), args: z.record(z.string(), z.unknown()) }),
  z.strictObject({ type: z.literal("answer"), delta: z.string() }),
  z.strictObject({ type: z.literal("step"), step: Step }),
  /** The machine working on this step was lost; another continues after the last token. */
  z.strictObject({ type: z.literal("moved"), attempt: z.int().positive() }),
  /** The last event of every run: the whole answer again, so that a reader who missed deltas still has it. */
  z.strictObject({
    type: z.literal("end"),
    outcome: Outcome,
    answer: z.string(),
    /** Absent where it never began to cost anything. */
    bill: RunBill.nullish(),
  }),
]);
export type RunEvent = z.infer<typeof RunEvent>;
