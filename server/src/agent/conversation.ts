/** Memory within a thread: as much of what was said as fits, the newest first to be kept. */
import { AIMessage, HumanMessage, type BaseMessage } from "@langchain/core/messages";
import type { Step } from "@starai/protocol/runs";
import { ToolMessage } from "langchain";
import type { StepBounds } from "./step-format.ts";
import { messageOf } from "./turns-of.ts";

export interface Said {
  role: "user" | "assistant";
  text: string;
}

/** More memory than this makes small models slow and forgetful of the question. */
const HISTORY_TOKENS_MAX = 1_500;
/** Room for the steps of this run: calls and observations. */
const STEPS_TOKENS = 700;
/** One message may not push out all others. */
const MESSAGE_CHARS_MAX = 3_000;

/** Tokens left for memory beside everything else a prompt must hold; never negative. */
export function historyBudget(input: {
  contextTokens: number;
  prefixTokens: number;
  question: string;
  bounds: StepBounds;
  answerTokens: number;
}): number {
  const left =
    input.contextTokens - input.prefixTokens - estimateTokens(input.question) - input.answerTokens - STEPS_TOKENS;
  return Math.max(0, Math.min(HISTORY_TOKENS_MAX, left));
}

/** The newest messages within the budget, oldest first, beginning with the person's. */
export function recent(history: readonly Said[], tokensMax: number): Said[] {
  const kept: Said[] = [];
  let tokens = 0;
  for (const said of history.toReversed()) {
    const text = said.text.length > MESSAGE_CHARS_MAX ? `${said.text.slice(0, MESSAGE_CHARS_MAX)}…` : said.text;
    tokens += estimateTokens(text) + 12;
    if (tokens > tokensMax) break;
    kept.unshift({ role: said.role, text });
  }
  return kept.slice(
    Math.max(
      0,
      kept.findIndex(({ role }) => role === "user"),
    ),
  );
}

/** A careful guess, rather too many than too few: Latin text has about four characters a token, others about two. */
export function estimateTokens(text: string): number {
  const latin = text.match(/[\u0000-\u024f]/gu)?.length ?? 0;
  return Math.ceil(latin / 3.2 + (text.length - latin) / 1.6);
}

/** The loop's messages: what was said, the question, and the finished steps of this run. */
export function loopMessages(input: {
  runId: string;
  history: readonly Said[];
  question: string;
  steps: readonly Step[];
}): BaseMessage[] {
  return [
    ...input.history.map(({ role, text }) => (role === "user" ? new HumanMessage(text) : new AIMessage(text))),
    new HumanMessage(input.question),
    ...input.steps.flatMap((step) => stepMessages(input.runId, step)),
  ];
}

function stepMessages(runId: string, step: Step): BaseMessage[] {
  const id = `${runId}:${step.index}`;
  const decided = messageOf({ thought: step.thought, action: step.action }, id);
  if (step.action.kind !== "tool" || step.observation === null) return [decided];
  const { ok, text } = step.observation;
  return [
    decided,
    new ToolMessage({ tool_call_id: id, name: step.action.tool, content: text, status: ok ? "success" : "error" }),
  ];
}
