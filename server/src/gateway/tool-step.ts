/**
 * Tool calling that needs no support by the engine: each answer is one JSON step, either a message or one call,
 * enforced by the grammar. So a call is always well formed, and `required` means that the grammar has no message.
 */
import type { FormFacts, FormRequest } from "./answer-form.ts";
import { NO_ARGUMENTS } from "./arguments-form.ts";
import type { CompletionRequest } from "./parse-request.ts";
import type { Tool } from "./parse-tools.ts";

type Asked = Pick<CompletionRequest, "tools" | "toolChoice">;

/** The tools the model may call, and whether it may answer instead, by `tool_choice`. */
export function stepOf({ tools, toolChoice }: Asked): NonNullable<FormRequest["step"]> {
  const offered = tools.flatMap(({ function: { name, parameters } }, index) =>
    typeof toolChoice === "object" && toolChoice.name !== name
      ? []
      : [{ name, field: `tools[${index}].function.parameters`, schema: parameters ?? NO_ARGUMENTS }],
  );
  return { tools: offered, mayAnswer: toolChoice === "auto" };
}

/**
 * Describes the tools and the form of a step for the prompt. The examples are in this text, not turns before the
 * conversation: the 1.5b model quoted such turns as the caller's own words in 3 of 8 questions about what was said.
 *
 * Text was not measured against turns, which small models follow better than wording. With example turns (a call, a
 * result, a question without a tool) the 0.5b model called the right tool in 14 of 16 questions (BFCL), and answered 3
 * of 8 that no tool fits.
 */
export function toolInstructions({ tools, toolChoice }: Asked, form: FormFacts): string {
  const offered = tools.filter((tool) => typeof toolChoice !== "object" || toolChoice.name === tool.function.name);
  const mayAnswer = toolChoice === "auto";
  const call = callText(offered[0]?.function.name ?? "", form.argumentsExample ?? "{}");
  const message = form.contentExample === null ? messageText("your answer") : rawMessage(form.contentExample);
  return [
    "You reply with one JSON object.",
    `To call a function, for example ${offered[0]?.function.name ?? ""}:`,
    call,
    ...(mayAnswer
      ? ["To answer a greeting, a question that needs no function, or once you have a function's result:", message]
      : []),
    "",
    "Functions:",
    ...offered.map(toolLine),
    "",
    mayAnswer
      ? "If a function can give what the user asks for, call it. If none of the functions fits, answer with a message."
      : "Take the arguments from what the user said.",
  ].join("\n");
}

function toolLine({ function: { name, description, parameters } }: Tool): string {
  return JSON.stringify({ name, description: description ?? undefined, parameters: parameters ?? NO_ARGUMENTS });
}

/** Writes a past call in the form of a step. */
export function callText(name: string, args: string): string {
  return JSON.stringify({ action: "call", name, arguments: parsedOr(args) });
}

/** Writes a past message in the form of a step. */
export function messageText(content: string): string {
  return JSON.stringify({ action: "message", content });
}

/** Writes a tool's result for a turn. In these tags the 0.5b model uses it; without them it often repeats the call. */
export function resultText(name: string, content: string): string {
  return `<result of="${name}">${content}</result>`;
}

/** @param content  JSON text */
function rawMessage(content: string): string {
  return `{"action":"message","content":${content}}`;
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
