/**
 * A step as a model writes it: `{"thought":"…","action":{"calculator":{"expression":"15% of 80"}}}`.
 *
 * The action is an object with one property, whose name is the chosen action, so the model commits to a tool before it
 * writes arguments. The step around a direct answer costs nine tokens.
 */
import type { StepAction } from "@starai/protocol/runs";
import { OPENING } from "../grammar/openings.ts";
import type { Opening } from "../grammar/shape.ts";

export const FINAL_ANSWER = "final_answer";
export const ASK_USER = "ask_user";

/** The model's decision, before the tool's observation. */
export interface Decision {
  thought: string;
  action: StepAction;
}

/** A tool as a step offers it: its name, when to use it, and a JSON Schema of its arguments. */
export interface OfferedTool {
  name: string;
  description: string;
  args: Record<string, unknown>;
}

export interface StepBounds {
  thoughtCharsMax: number;
  answerCharsMax: number;
  /** The script in which the answer begins, where the question's language settles it. */
  opening?: Opening;
}

/** Characters of a question back to the person: one or two sentences. */
const QUESTION_CHARS_MAX = 300;

/** The schema of a step. `final_answer` is its first branch, because weak models prefer the first one. */
export function stepSchema(tools: readonly OfferedTool[], bounds: StepBounds): Record<string, unknown> {
  const branches = [
    only(FINAL_ANSWER, words(bounds.answerCharsMax, bounds)),
    ...tools.map((tool) => only(tool.name, tool.args)),
    only(ASK_USER, words(Math.min(QUESTION_CHARS_MAX, bounds.answerCharsMax), bounds)),
  ];
  return {
    type: "object",
    additionalProperties: false,
    required: ["thought", "action"],
    properties: { thought: { type: "string", maxLength: bounds.thoughtCharsMax }, action: { anyOf: branches } },
  };
}

/** The schema of text that a person reads. */
function words(maxLength: number, { opening }: StepBounds) {
  return { type: "string", minLength: 1, maxLength, ...(opening === undefined ? {} : { [OPENING]: opening }) };
}

/** Converts a value valid under a step schema into a decision. @throws TypeError without an action: validate first */
export function readDecision(value: unknown): Decision {
  const { thought, action } = value as { thought: string; action: Record<string, unknown> };
  const [name, content] = Object.entries(action)[0] ?? [];
  if (name === undefined) throw new TypeError("a step without an action passed its schema");
  if (name === FINAL_ANSWER) return { thought, action: { kind: "final_answer", text: String(content) } };
  if (name === ASK_USER) return { thought, action: { kind: "ask_user", question: String(content) } };
  return { thought, action: { kind: "tool", tool: name, args: content as Record<string, unknown> } };
}

/** The step as text, for examples and history, exactly as the model writes it. */
export function writeDecision({ thought, action }: Decision): string {
  switch (action.kind) {
    case "tool":
      return JSON.stringify({ thought, action: { [action.tool]: action.args } });
    case "ask_user":
      return JSON.stringify({ thought, action: { [ASK_USER]: action.question } });
    case "final_answer":
      return JSON.stringify({ thought, action: { [FINAL_ANSWER]: action.text } });
  }
}

/** The schema of an object with this one property. */
function only(name: string, schema: unknown) {
  return { type: "object", additionalProperties: false, required: [name], properties: { [name]: schema } };
}
