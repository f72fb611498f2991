/** Messages of the loop as plain turns: the engine is never sent tools, and every template can say these. */
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { BaseMessage } from "@langchain/core/messages";
import type { Turn } from "@starai/protocol/template";
import { breakMarks, markResult } from "./data-marks.ts";
import { resultReminder, withReminders } from "./reminders.ts";
import { writeDecision } from "./step-format.ts";
import type { Decision } from "./step-format.ts";
import type { ToolArtifact } from "./tools/agent-tool.ts";

/** Earlier answers are shown as the steps they were: what the model sees of itself is the form it must write. */
export function turnsOf(messages: readonly BaseMessage[]): Turn[] {
  let question = "";
  return messages.map((message, index): Turn => {
    if (AIMessage.isInstance(message)) return { role: "assistant", content: stepText(message) };
    if (ToolMessage.isInstance(message))
      return {
        role: "user",
        content:
          markResult(message.name ?? "tool", { ok: succeeded(message), text: message.text }) + resultReminder(question),
      };
    if (HumanMessage.isInstance(message)) {
      question = message.text;
      return { role: "user", content: withReminders(breakMarks(question), { isFirst: index === 0 }) };
    }
    throw new TypeError(`a ${message.getType()} message has no place in a run`);
  });
}

/** The decision as an AI message: one tool call, or the words for the person. */
export function messageOf(decision: Decision, id: string): AIMessage {
  const kept = { id, additional_kwargs: { decision } };
  switch (decision.action.kind) {
    case "tool":
      return new AIMessage({
        ...kept,
        content: "",
        tool_calls: [{ id, name: decision.action.tool, args: decision.action.args, type: "tool_call" }],
      });
    case "ask_user":
      return new AIMessage({ ...kept, content: decision.action.question });
    case "final_answer":
      return new AIMessage({ ...kept, content: decision.action.text });
  }
}

/** Steps of the run so far: what the model wrote since the person's last message. */
export function stepsSince(messages: readonly BaseMessage[]): Decision[] {
  const lastHuman = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  return messages.slice(lastHuman + 1).flatMap((message) => decisionOf(message) ?? []);
}

export function succeeded(message: ToolMessage): boolean {
  return message.status !== "error" && (message.artifact as ToolArtifact | undefined)?.ok !== false;
}

function decisionOf(message: BaseMessage): Decision | null {
  return AIMessage.isInstance(message) ? ((message.additional_kwargs.decision as Decision | undefined) ?? null) : null;
}

function stepText(message: AIMessage): string {
  return writeDecision(decisionOf(message) ?? { thought: "", action: { kind: "final_answer", text: message.text } });
}
