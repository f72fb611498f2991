/** A run as it looks while it is written: its events folded, one after the other, into what the screen shows. */
import type { Outcome, RunEvent, RunPhase, Step } from "@starai/protocol/runs";

export interface RunView {
  phase: RunPhase;
  steps: Step[];
  /** Of the step being written. */
  thought: string;
  /** The tool being called, until its step is done. */
  tool: { name: string; args: Record<string, unknown> } | null;
  answer: string;
  /** How often the work went on on another machine while we watched. */
  moved: number;
  outcome: Outcome | null;
}

export const UNSEEN: RunView = {
  phase: { kind: "queued", position: 0, etaMs: null },
  steps: [],
  thought: "",
  tool: null,
  answer: "",
  moved: 0,
  outcome: null,
};

/** A snapshot replaces everything, so that the fold may begin or begin again anywhere. */
export function fold(view: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case "snapshot": {
      const { phase, steps, thought, answer, outcome } = event.run;
      return { ...UNSEEN, phase, steps, thought, answer, outcome, moved: view.moved };
    }
    case "phase":
      return { ...view, phase: event.phase };
    case "thought":
      return { ...view, thought: view.thought + event.delta };
    case "tool":
      return { ...view, tool: { name: event.tool, args: event.args } };
    case "answer":
      return { ...view, answer: view.answer + event.delta };
    case "step":
      return withStep(view, event.step);
    case "moved":
      return { ...view, moved: view.moved + 1 };
    case "end":
      return { ...view, outcome: event.outcome, answer: event.answer };
  }
}

/** A step seen twice is the same step. */
function withStep(view: RunView, step: Step): RunView {
  const others = view.steps.filter((other) => other.index !== step.index);
  return { ...view, steps: [...others, step], thought: "", tool: null };
}
