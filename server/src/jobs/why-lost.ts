/** Why an attempt went wrong on its machine, read off the word that it ended with (attempt-end.ts). Pure. */
import type { WhyLost } from "@starai/protocol/contributor";
import type { FailureCode } from "@starai/protocol/worker-frames";

/** Of leases that were taken away. */
const TAKEN: Readonly<Record<string, WhyLost>> = {
  connection_closed: "dropped",
  replaced: "dropped",
  stalled: "stalled",
  too_slow: "slow",
  overtaken: "late",
};

/** Of a worker's own word that it failed. One that is stopping has done nothing wrong. */
const FAILED: Readonly<Record<FailureCode, WhyLost | null>> = {
  busy: "refused",
  engine_crashed: "engine",
  engine_stalled: "engine",
  out_of_memory: "memory",
  model_missing: "no_model",
  context_overflow: "context",
  constraint_refused: "form",
  shutting_down: null,
};

/** Null: it was done, or ended by nobody's fault. @param end  whole, or up to its first colon: a worker's words follow that */
export function whyLost(end: string): WhyLost | null {
  const [word, words] = splitAt(end, ":");
  if (words === null) return TAKEN[end] ?? null;
  if (word === "false frame") return whyFalse(words.trim());
  if (word === "false end") return "false_end";
  if (word === "out of order") return "disorder";
  return FAILED[word as FailureCode] ?? null;
}

function whyFalse(problem: string): WhyLost {
  if (problem.startsWith("the text leaves the form")) return "form";
  return problem.startsWith("more than ") ? "too_long" : "other_ids";
}

function splitAt(text: string, mark: string): [before: string, after: string | null] {
  const at = text.indexOf(mark);
  return at === -1 ? [text, null] : [text.slice(0, at), text.slice(at + mark.length)];
}
