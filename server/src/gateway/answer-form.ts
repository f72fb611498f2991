/**
 * The form of an answer: one value of the caller's schema, or one step that is a message or a call of a tool. Reading
 * a stranger's schemas takes time nobody can foretell, so this runs in a thread of its own (`schema-thread.ts`).
 */
import type { Constraint } from "@starai/protocol/worker-frames";
import { composeBranches } from "../grammar/compose-branches.ts";
import type { Branch } from "../grammar/compose-branches.ts";
import { compileConstraint } from "../grammar/compile-constraint.ts";
import type { CompiledConstraint } from "../grammar/compile-constraint.ts";
import { argumentsForm } from "./arguments-form.ts";
import { exampleText } from "./example-value.ts";
import { checkSchemaBudget } from "./schema-budget.ts";
import type { FieldSchema } from "./schema-budget.ts";
import { inField } from "./schema-field.ts";

/** Plain data, so that it can be sent to the thread and be a key of what is remembered. */
export interface FormRequest {
  /** What the answer, or a message of it, is a value of; null for a message of plain text. */
  content: FieldSchema | null;
  /** The answer is a step; null where it is the content alone. */
  step: { tools: readonly ToolSchema[]; mayAnswer: boolean } | null;
}

export interface ToolSchema extends FieldSchema {
  name: string;
}

/** What is told about a form that was read. */
export interface FormFacts {
  constraint: Constraint;
  /** Values as JSON text, to show a model: of the content, and of the first tool's arguments. */
  contentExample: string | null;
  argumentsExample: string | null;
}

export interface ReadForm {
  facts: FormFacts;
  /** Says in words why a text is not in this form, or null when it is. The text is JSON. */
  check: (text: string) => string | null;
}

/** @throws {Refusal} unsupported_schema with the field and the JSON pointer inside it */
export function readForm({ content, step }: FormRequest): ReadForm {
  const compiled = content && compileField(content);
  const tools = (step?.tools ?? []).map((tool) => ({ name: tool.name, args: compileArguments(tool) }));
  const form = step ? stepForm(compiled, tools, step.mayAnswer) : (compiled ?? compileConstraint(TEXT));
  return {
    facts: {
      constraint: form.constraint,
      contentExample: compiled && exampleText(compiled.linted),
      argumentsExample: tools[0] ? exampleText(tools[0].args.linted) : null,
    },
    check: (text) => form.validate(JSON.parse(text)),
  };
}

/** Refuses schemas that are together more than one request may send. @throws {Refusal} unsupported_schema */
export function checkFormBudget({ content, step }: FormRequest): void {
  checkSchemaBudget([...(content ? [content] : []), ...(step?.tools ?? [])]);
}

const TEXT = { type: "string" };

function compileField({ field, schema }: FieldSchema): CompiledConstraint {
  return inField(field, () => compileConstraint(schema));
}

function compileArguments({ field, schema }: FieldSchema): CompiledConstraint {
  return inField(field, () => argumentsForm(compileConstraint(schema)));
}

function stepForm(
  content: CompiledConstraint | null,
  tools: readonly { name: string; args: CompiledConstraint }[],
  mayAnswer: boolean,
): CompiledConstraint {
  const calls = tools.map(({ name, args }): Branch => [
    ["action", "call"],
    ["name", name],
    ["arguments", args],
  ]);
  const message: Branch = [
    ["action", "message"],
    ["content", content ?? compileConstraint(TEXT)],
  ];
  return inField("tools", () => composeBranches(mayAnswer ? [message, ...calls] : calls));
}
