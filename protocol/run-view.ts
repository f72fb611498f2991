/**
 * The state of a run: its events so far, folded into what may be shown. The server keeps this for readers who come
 * later, the bot and the Mini App for their screens, so all three agree at every moment. Pure.
 */
import type { RunBill } from "./receipts.ts";
import type { RunEvent, RunSnapshot, Step } from "./runs.ts";

export interface RunView extends Pick<RunSnapshot, "phase" | "steps" | "thought" | "answer" | "outcome"> {
  bill: RunBill | null;
  /** True from the loss of a machine until another goes on. */
  moved: boolean;
}

/** Before the first event. */
export const EMPTY_VIEW: RunView = {
  phase: { kind: "reading" },
  steps: [],
  thought: "",
  answer: "",
  outcome: null,
  bill: null,
  moved: false,
};

/** A snapshot replaces everything, so a reader may begin, or begin again, anywhere. */
export function applyEvent(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case "snapshot": {
      const { phase, steps, thought, answer, outcome, bill = null } = event.run;
      return { phase, steps, thought, answer, outcome, bill, moved: false };
    }
    case "phase":
      return { ...view, phase: event.phase };
    case "thought":
      return { ...view, phase: { kind: "thinking" }, thought: view.thought + event.delta, moved: false };
    case "tool":
      return { ...view, phase: { kind: "tool", tool: event.tool }, moved: false };
    case "answer":
      return { ...view, phase: { kind: "answering" }, answer: view.answer + event.delta, moved: false };
    case "step":
      return withStep(view, event.step);
    case "moved":
      return { ...view, moved: true };
    case "end":
      return { ...view, outcome: event.outcome, answer: event.answer, bill: event.bill ?? null, moved: false };
  }
}

/** The snapshot with which a new reader begins. */
export function snapshotOf(run: Pick<RunSnapshot, "id" | "thread">, view: RunView): RunSnapshot {
  const { phase, steps, thought, answer, outcome, bill } = view;
  const status = outcome?.kind ?? "running";
  return { id: run.id, thread: run.thread, status, phase, steps, thought, answer, outcome, bill };
}

/** A step sent twice is the same step. One that called a tool gave no answer, whatever looked like one. */
function withStep(view: RunView, step: Step): RunView {
  const others = view.steps.filter(({ index }) => index !== step.index);
  const steps = [...others, step].toSorted((a, b) => a.index - b.index);
  return { ...view, steps, thought: "", answer: step.action.kind === "tool" ? "" : view.answer, moved: false };
}
