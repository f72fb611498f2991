/** A run as far as it has been told: events folded into what a person could be shown now. Pure. */
import type { Outcome, RunEvent, RunPhase, Step } from "@starai/protocol/runs";

export interface RunView {
  readonly phase: RunPhase;
  readonly steps: readonly Step[];
  readonly thought: string;
  readonly answer: string;
  /** True between the loss of a machine and the next word of another. */
  readonly moved: boolean;
  readonly end: { readonly outcome: Outcome; readonly answer: string } | null;
}

export const EMPTY_VIEW: RunView = {
  phase: { kind: "reading" },
  steps: [],
  thought: "",
  answer: "",
  moved: false,
  end: null,
};

export function applyEvent(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case "snapshot": {
      const { phase, steps, thought, answer } = event.run;
      return { phase, steps, thought, answer, moved: false, end: null };
    }
    case "phase":
      return { ...view, phase: event.phase };
    case "thought":
      return { ...view, thought: view.thought + event.delta, moved: false };
    case "tool":
      return { ...view, phase: { kind: "tool", tool: event.tool } };
    case "answer":
      return { ...view, phase: { kind: "answering" }, answer: view.answer + event.delta, moved: false };
    case "step":
      return { ...view, steps: [...view.steps, event.step], thought: "", answer: answerAfter(view, event.step) };
    case "moved":
      return { ...view, moved: true };
    case "end":
      return { ...view, answer: event.answer, end: { outcome: event.outcome, answer: event.answer } };
  }
}

/** A finished tool step shows that what looked like an answer was none. */
function answerAfter(view: RunView, step: Step): string {
  return step.action.kind === "tool" ? "" : view.answer;
}
