/** A run's conversation: selects the history that fits, builds the loop's messages, and renders them as turns of a prompt. */
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { BaseMessage } from "@langchain/core/messages";
import type { Step } from "@starai/protocol/runs";
import type { Turn } from "@starai/protocol/template";
import { reserveTokens, reserveTurn } from "../vocabulary/estimate-tokens.ts";
import { breakMarks, markResult } from "./data-marks.ts";
import { resultReminder, withReminders } from "./reminders.ts";
import { writeDecision } from "./step-format.ts";
import type { Decision } from "./step-format.ts";

export interface Said {
  role: "user" | "assistant";
  text: string;
}

/** With a longer history, small models become slow and lose the question. */
const HISTORY_TOKENS_MAX = 1_500;
/** Room for the steps of this run: calls and observations. */
const STEPS_TOKENS = 700;
/** Tokens of the JSON around an earlier answer, which is shown as a step. */
const FORM_TOKENS = 6;
/** Limit of one message, so that it cannot push out all others. */
const MESSAGE_CHARS_MAX = 3_000;

/** Characters of an answer: about a page, and under Telegram's 4,096. */
const ANSWER_CHARS_MAX = 2_000;
/** Even a narrow context leaves room for a paragraph. */
const ANSWER_CHARS_MIN = 400;

/**
 * Divides what the fixed part of a context leaves: at most half for the answer, the remainder for the history. One
 * character of an answer counts as one token, which no language we know exceeds.
 */
export function shareContext(input: { contextTokens: number; prefixTokens: number; question: string }): {
  answerCharsMax: number;
  historyTokens: number;
} {
  const left = input.contextTokens - input.prefixTokens - reserveTokens(input.question) - STEPS_TOKENS;
  const answerCharsMax = Math.max(ANSWER_CHARS_MIN, Math.min(ANSWER_CHARS_MAX, Math.floor(left / 2)));
  return { answerCharsMax, historyTokens: Math.max(0, Math.min(HISTORY_TOKENS_MAX, left - answerCharsMax)) };
}

/** The newest messages within the budget, oldest first, beginning with the person's. */
export function recent(history: readonly Said[], tokensMax: number): Said[] {
  const kept: Said[] = [];
  let tokens = 0;
  for (const said of history.toReversed()) {
    const text = said.text.length > MESSAGE_CHARS_MAX ? `${said.text.slice(0, MESSAGE_CHARS_MAX)}…` : said.text;
    tokens += reserveTurn(text) + FORM_TOKENS;
    if (tokens > tokensMax) break;
    kept.unshift({ role: said.role, text });
  }
  const first = kept.findIndex(({ role }) => role === "user");
  return first < 0 ? [] : kept.slice(first);
}

/**
 * The loop's messages: the history, the question, and the finished steps of this run. Earlier answers are shown as
 * steps, so that the model sees its own output only in the form it must write.
 */
export function loopMessages(input: {
  runId: string;
  history: readonly Said[];
  question: string;
  steps: readonly Step[];
}): BaseMessage[] {
  return [
    ...input.history.map(({ role, text }) =>
      role === "user"
        ? new HumanMessage(text)
        : new AIMessage(writeDecision({ thought: "", action: { kind: "final_answer", text } })),
    ),
    new HumanMessage(input.question),
    ...input.steps.flatMap((step) => stepMessages(input.runId, step)),
  ];
}

/** A step as the loop's message: its text as the model wrote it, and the call of its tool. */
export function stepMessage(decision: Decision, id: string): AIMessage {
  const { action } = decision;
  const calls = action.kind === "tool" ? [{ id, name: action.tool, args: action.args }] : [];
  return new AIMessage({ id, content: writeDecision(decision), tool_calls: calls });
}

/** The loop's messages as plain turns: the engine is never sent tools, and every template can render these. */
export function turnsOf(messages: readonly BaseMessage[]): Turn[] {
  let question = "";
  return messages.map((message, index): Turn => {
    if (AIMessage.isInstance(message)) return { role: "assistant", content: message.text };
    if (ToolMessage.isInstance(message)) {
      const observation = { ok: message.status !== "error", text: message.text };
      return { role: "user", content: markResult(message.name ?? "tool", observation) + resultReminder(question) };
    }
    if (HumanMessage.isInstance(message)) {
      question = message.text;
      return { role: "user", content: withReminders(breakMarks(question), { isFirst: index === 0 }) };
    }
    throw new TypeError(`a ${message.getType()} message has no place in a run`);
  });
}

function stepMessages(runId: string, step: Step): BaseMessage[] {
  const id = `${runId}:${step.index}`;
  const decided = stepMessage(step, id);
  if (step.action.kind !== "tool" || step.observation === null) return [decided];
  const { ok, text } = step.observation;
  return [
    decided,
    new ToolMessage({ tool_call_id: id, name: step.action.tool, content: text, status: ok ? "success" : "error" }),
  ];
}
