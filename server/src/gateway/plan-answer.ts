/** What a request asks of the pool: turns, a form, and how the raw answer is to be read. */
import type { Turn } from "@starai/protocol/template";
import type { Constraint } from "@starai/protocol/worker-frames";
import { type CompiledConstraint, compileConstraint } from "../grammar/compile-constraint.ts";
import { type AnswerReader, jsonReader, plainReader, stepReader } from "./answer-reader.ts";
import { chatTurns } from "./chat-turns.ts";
import type { CompletionRequest } from "./parse-request.ts";
import { inField } from "./schema-field.ts";
import { toolStep } from "./tool-step.ts";

export interface AnswerPlan {
  turns: Turn[];
  constraint: Constraint | null;
  /** A fresh reader for one reading of the answer. */
  reader(): AnswerReader;
}

/** @throws {Refusal} unsupported_schema with the field and the JSON pointer inside it */
export function planAnswer(request: CompletionRequest): AnswerPlan {
  const format = formatOf(request);
  if (request.tools.length > 0 && request.toolChoice !== "none") {
    const { form, instructions, examples } = toolStep(request, format?.form ?? null);
    const both =
      format === null ? instructions : `${instructions}\n\n${format.instructions} (as the content of a message)`;
    return {
      turns: chatTurns(request.messages, { instructions: both, examples, asSteps: true }),
      constraint: form.constraint,
      reader: () => stepReader(form, format !== null),
    };
  }
  const told = { instructions: format?.instructions ?? null, examples: [], asSteps: false };
  return {
    turns: chatTurns(request.messages, told),
    constraint: format?.form.constraint ?? null,
    reader: format === null ? plainReader : () => jsonReader(format.form),
  };
}

/** The grammar is invisible to the model, so the form is told in words too. */
function formatOf(request: CompletionRequest): { form: CompiledConstraint; instructions: string } | null {
  const { format } = request;
  if (format.type === "text") return null;
  if (format.type === "json_object") {
    return {
      form: compileConstraint({ type: "object" }),
      instructions: "Answer with one JSON object and nothing else.",
    };
  }
  const { schema, description } = format.json_schema;
  const form = inField("response_format.json_schema.schema", () => compileConstraint(schema));
  const what = description == null ? "" : ` (${description})`;
  const instructions = `Answer with one JSON value${what} that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
  return { form, instructions };
}
