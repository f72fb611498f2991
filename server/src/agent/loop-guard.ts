/** Limits the next step by the steps before it. The limit is in the step's schema, so a model cannot loop. */
import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import type { BaseMessage } from "@langchain/core/messages";

/** Most steps of one run. Everyday questions take two, hard ones four; a run that needs more does not recover. */
export const STEPS_MAX = 6;
/** A tool that failed this often in a run is not offered again. */
const FAILURES_MAX = 2;

/** The run's steps so far with their tools' results: everything since the person's last message. */
export function runSoFar(messages: readonly BaseMessage[]): { steps: AIMessage[]; results: ToolMessage[] } {
  const run = messages.slice(messages.findLastIndex((message) => HumanMessage.isInstance(message)) + 1);
  return {
    steps: run.filter((message) => AIMessage.isInstance(message)),
    results: run.filter((message) => ToolMessage.isInstance(message)),
  };
}

/** The tools offered to the next step. None on the last step, which can only be an answer or a question. */
export function toolsForNextStep<Tool extends { name: string }>(
  tools: readonly Tool[],
  { steps, results }: ReturnType<typeof runSoFar>,
): Tool[] {
  if (steps.length >= STEPS_MAX - 1) return [];
  const repeated = repeatedTools(steps.flatMap((step) => step.tool_calls ?? []));
  const failed = failedTools(results);
  return tools.filter(({ name }) => !repeated.has(name) && !failed.has(name));
}

function repeatedTools(calls: readonly { name: string; args: unknown }[]): Set<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const { name, args } of calls) {
    const call = JSON.stringify([name, args]);
    if (seen.has(call)) repeated.add(name);
    seen.add(call);
  }
  return repeated;
}

function failedTools(results: readonly ToolMessage[]): Set<string> {
  const failures = new Map<string, number>();
  for (const { name = "", status } of results)
    if (status === "error") failures.set(name, (failures.get(name) ?? 0) + 1);
  return new Set([...failures].filter(([, count]) => count >= FAILURES_MAX).map(([name]) => name));
}
