/**
 * The form of an answer: one value of the caller's schema, or one step, which is a message or a tool call. Compiling
 * a stranger's schemas takes an unpredictable time, so it runs in its own thread (`schema-thread.ts`).
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

/** Plain data, so that it can be sent to the thread and used as a cache key. */
export interface FormRequest {
  /** The schema of the answer or of its message; null for plain text. */
  content: FieldSchema | null;
  /** Set if the answer is a step; null if it is the content alone. */
  step: { tools: readonly ToolSchema[]; mayAnswer: boolean } | null;
}

export interface ToolSchema extends FieldSchema {
  name: string;
}

/** What the thread returns for a compiled form. */
export interface FormFacts {
  constraint: Constraint;
  /** Example values as JSON text for the prompt: of the content, and of the first tool's arguments. */
  contentExample: string | null;
  argumentsExample: string | null;
}

export interface ReadForm {
  facts: FormFacts;
  /** Returns in words why a JSON text does not fit this form, or null if it fits. */
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

/** Checks that all schemas together are within the limit of one request. @throws {Refusal} unsupported_schema */
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
