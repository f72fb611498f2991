/** Converts OpenAI messages to plain turns, without any engine's tool or role handling. */
import type { Turn } from "@starai/protocol/template";
import type { Message } from "./parse-messages.ts";
import { callText, messageText, resultText } from "./tool-step.ts";

export interface TurnOptions {
  /** Instructions placed after the caller's system text. */
  instructions: string | null;
  /** Whether past answers are written as steps, so that the model sees only the form it must write. */
  asSteps: boolean;
}

/**
 * Appends instructions to the system turn, since small models follow only one; calls and results become plain turns.
 */
export function chatTurns(messages: readonly Message[], { instructions, asSteps }: TurnOptions): Turn[] {
  const names = new Map<string, string>();
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === "assistant")
      for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
    const turn = turnOf(message, names, asSteps);
    const last = turns.at(-1);
    // Adjacent results are joined into one turn, and so are adjacent system messages.
    const joins = last !== undefined && last.role === turn.role && (message.role === "tool" || turn.role === "system");
    if (joins) last.content += `\n\n${turn.content}`;
    else turns.push(turn);
  }
  const [first, ...rest] = turns;
  const hasSystem = first?.role === "system";
  const system = [hasSystem ? first.content : null, instructions].filter((text) => text !== null).join("\n\n");
  const opening: Turn[] = system === "" ? [] : [{ role: "system", content: system }];
  return [...opening, ...(hasSystem ? rest : turns)];
}

function turnOf(message: Message, names: ReadonlyMap<string, string>, asSteps: boolean): Turn {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: message.content };
    case "user":
      return { role: "user", content: message.content };
    case "tool":
      return {
        role: "user",
        content: resultText(names.get(message.tool_call_id) ?? "the function", message.content),
      };
    case "assistant":
      return { role: "assistant", content: assistantText(message, asSteps) };
  }
}

function assistantText(message: Extract<Message, { role: "assistant" }>, asSteps: boolean): string {
  const calls = (message.tool_calls ?? []).map((call) => callText(call.function.name, call.function.arguments));
  const said = message.content ?? message.refusal ?? "";
  if (calls.length > 0) return [...(said === "" ? [] : [said]), ...calls].join("\n");
  return asSteps ? messageText(said) : said;
}
