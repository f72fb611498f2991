/**
 * Tool calling without the engine's: each answer is one JSON step, either a message or one call, held to its form by
 * the grammar. So a call is always well formed, and `required` is kept by leaving the message out of the grammar.
 */
import type { Turn } from "@starai/protocol/template";
import type { FormFacts, FormRequest } from "./answer-form.ts";
import type { CompletionRequest, Tool } from "./parse-request.ts";

const NO_ARGUMENTS = { type: "object", properties: {}, additionalProperties: false };

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

/** What the model is told about the tools and the form of its step, and turns to stand before the conversation. */
export function toolTelling({ tools, toolChoice }: Asked, form: FormFacts): { instructions: string; examples: Turn[] } {
  const offered = tools.filter((tool) => typeof toolChoice !== "object" || toolChoice.name === tool.function.name);
  const mayAnswer = toolChoice === "auto";
  return {
    instructions: instructions(offered, mayAnswer),
    examples: offered.slice(0, 1).flatMap((tool) => examples(tool.function.name, form, mayAnswer)),
  };
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

function instructions(tools: readonly Tool[], mayAnswer: boolean): string {
  const listed = tools.map(({ function: { name, description, parameters } }) =>
    JSON.stringify({ name, description: description ?? undefined, parameters: parameters ?? NO_ARGUMENTS }),
  );
  const call = '{"action":"call","name":"function name","arguments":{…}}';
  const form = mayAnswer
    ? ["To call a function:", call, "To answer without one:", '{"action":"message","content":"your answer"}']
    : ["You call a function:", call];
  const advice = mayAnswer
    ? "If a function can give what the user asks for, call it. If none of the functions fits, answer with a message."
    : "Take the arguments from what the user said.";
  return ["You reply with one JSON object.", ...form, "", "Functions:", ...listed, "", advice].join("\n");
}

/**
 * A short conversation in the form of steps. Small models follow examples, not wording: of 16 questions for a tool
 * (BFCL) the 0.5b calls the right one 14 times with these turns, and without them answers most itself. The last
 * question, which needs no tool, makes it answer 3 of 8 questions that no tool fits, instead of none.
 */
function examples(name: string, { contentExample, argumentsExample }: FormFacts, mayAnswer: boolean): Turn[] {
  const say = (text: string) =>
    contentExample === null ? messageText(text) : `{"action":"message","content":${contentExample}}`;
  const call: Turn[] = [
    { role: "user", content: `Please use ${name}.` },
    { role: "assistant", content: callText(name, argumentsExample ?? "{}") },
  ];
  if (!mayAnswer) return call;
  return [
    { role: "user", content: "Hello!" },
    { role: "assistant", content: say("Hello! How can I help you?") },
    ...call,
    { role: "user", content: resultText(name, "done") },
    { role: "assistant", content: say("It is done.") },
    { role: "user", content: "Why is the sky blue?" },
    { role: "assistant", content: say("Sunlight is scattered by the air, blue light most of all.") },
  ];
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
