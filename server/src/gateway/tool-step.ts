/**
 * Tool calling without the engine's: each answer is one JSON step, either a message or one call, held to its form by
 * the grammar. So a call is always well formed, and `required` is kept by leaving the message out of the grammar.
 */
import { type Branch, composeBranches } from "../grammar/compose-branches.ts";
import { type CompiledConstraint, compileConstraint } from "../grammar/compile-constraint.ts";
import { exampleText } from "./example-value.ts";
import type { CompletionRequest, Tool } from "./parse-request.ts";
import { inField } from "./schema-field.ts";

const NO_ARGUMENTS = { type: "object", properties: {}, additionalProperties: false };
const TEXT = { type: "string" };

export interface ToolStep {
  form: CompiledConstraint;
  /** What the model is told about the tools and the form of its step. */
  instructions: string;
}

/** The step that `tool_choice` leaves open. `content` is the schema of a message's content, where the caller gave one. */
export function toolStep(
  request: Pick<CompletionRequest, "tools" | "toolChoice">,
  content: CompiledConstraint | null,
): ToolStep {
  const { toolChoice } = request;
  const offered = request.tools.flatMap((tool, index) =>
    typeof toolChoice === "object" && toolChoice.name !== tool.function.name
      ? []
      : [{ tool, args: argumentsOf(tool, index) }],
  );
  const calls = offered.map(({ tool, args }): Branch => [
    ["action", "call"],
    ["name", tool.function.name],
    ["arguments", args],
  ]);
  const mayAnswer = toolChoice === "auto";
  const message: Branch = [
    ["action", "message"],
    ["content", content ?? compileConstraint(TEXT)],
  ];
  return {
    form: inField("tools", () => composeBranches(mayAnswer ? [message, ...calls] : calls)),
    instructions: instructions(offered, mayAnswer, content !== null),
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

function argumentsOf(tool: Tool, index: number): CompiledConstraint {
  return inField(`tools[${index}].function.parameters`, () =>
    compileConstraint(tool.function.parameters ?? NO_ARGUMENTS),
  );
}

function instructions(
  offered: readonly { tool: Tool; args: CompiledConstraint }[],
  mayAnswer: boolean,
  jsonContent: boolean,
): string {
  const listed = offered.map(({ tool }) => {
    const { name, description, parameters } = tool.function;
    return JSON.stringify({ name, description: description ?? undefined, parameters: parameters ?? NO_ARGUMENTS });
  });
  const example = offered.slice(0, 1).map(({ tool, args }) => callText(tool.function.name, exampleText(args.linted)));
  const answer = `{"action":"message","content":${jsonContent ? "…the JSON asked for…" : '"your answer to the user"'}}`;
  return [
    mayAnswer
      ? "You can call a function when it helps. You reply with one JSON object, either"
      : "You call a function now. You reply with one JSON object:",
    ...(mayAnswer ? [answer, "or"] : []),
    '{"action":"call","name":"function name","arguments":{…}}',
    "",
    "Functions:",
    ...listed,
    "",
    `An example of a call: ${example.join("")}`,
    ...(mayAnswer
      ? [
          "Call a function only when the user's question needs it. When its result is there, reply with a message that uses the result.",
        ]
      : ["Take the arguments from what the user said."]),
  ].join("\n");
}

function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
