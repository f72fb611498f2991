/**
 * Tool calling without the engine's: each answer is one JSON step, either a message or one call, held to its form by
 * the grammar. So a call is always well formed, and `required` is kept by leaving the message out of the grammar.
 */
import type { FormFacts, FormRequest } from "./answer-form.ts";
import { NO_ARGUMENTS } from "./arguments-form.ts";
import type { CompletionRequest } from "./parse-request.ts";
import type { Tool } from "./parse-tools.ts";

type Asked = Pick<CompletionRequest, "tools" | "toolChoice">;

/** The form of the step that `tool_choice` leaves open. */
export function stepOf({ tools, toolChoice }: Asked): NonNullable<FormRequest["step"]> {
  const offered = tools.flatMap(({ function: { name, parameters } }, index) =>
    typeof toolChoice === "object" && toolChoice.name !== name
      ? []
      : [{ name, field: `tools[${index}].function.parameters`, schema: parameters ?? NO_ARGUMENTS }],
  );
  return { tools: offered, mayAnswer: toolChoice === "auto" };
}

/**
 * What the model is told about the tools and the form of its step. The examples are said to be examples: as turns
 * before the conversation they were quoted as the caller's own words, in 3 of 8 questions about what was said (1.5b).
 *
 * What is not measured: small models follow turns better than wording. As turns, with a call, a result and a question
 * without a tool, they made the 0.5b call the right tool in 14 of 16 questions (BFCL) and answer 3 of 8 that no tool fits.
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

/** A past call as the model would have written it. */
export function callText(name: string, args: string): string {
  return JSON.stringify({ action: "call", name, arguments: parsedOr(args) });
}

/** A past message as the model would have written it. */
export function messageText(content: string): string {
  return JSON.stringify({ action: "message", content });
}

/** A tool's answer as a turn. Marked off like this the 0.5b uses it; told in plain words it often calls again. */
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
