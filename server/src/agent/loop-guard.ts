/** What the next step may still do, by what was done: the guard is the step's schema, so a looping model cannot loop. */
import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { BaseMessage } from "@langchain/core/messages";
import { stepsSince, succeeded } from "./turns-of.ts";

/** Steps of one run. Everyday questions take two, hard ones four; a run that needs more is lost. */
export const STEPS_MAX = 6;
/** A tool that failed this often in a run is not the way. */
const FAILURES_MAX = 2;

/** The tools the next step is offered. On the last step none: what is left is an answer or a question. */
export function toolsForNextStep<Tool extends { name: string }>(
  tools: readonly Tool[],
  messages: readonly BaseMessage[],
): Tool[] {
  const steps = stepsSince(messages);
  if (steps.length >= STEPS_MAX - 1) return [];
  const repeated = repeatedTools(steps.flatMap(({ action }) => (action.kind === "tool" ? [action] : [])));
  const failed = failedTools(messages);
  return tools.filter(({ name }) => !repeated.has(name) && !failed.has(name));
}

function repeatedTools(calls: readonly { tool: string; args: unknown }[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { tool, args } of calls) {
    const call = JSON.stringify([tool, args]);
    if (seen.has(call)) repeated.add(tool);
    seen.add(call);
  }
  return repeated;
}

function failedTools(messages: readonly BaseMessage[]): Set<string> {
  const failures = new Map<string, number>();
  const lastHuman = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  for (const message of messages.slice(lastHuman + 1)) {
    if (ToolMessage.isInstance(message) && !succeeded(message))
      failures.set(message.name ?? "", (failures.get(message.name ?? "") ?? 0) + 1);
  }
  return new Set([...failures].filter(([, count]) => count >= FAILURES_MAX).map(([name]) => name));
}
