/** What a request asks of the pool: turns, a form, and how the raw answer is to be read. */
import type { Turn } from "@starai/protocol/template";
import type { Constraint } from "@starai/protocol/worker-frames";
import type { FormRequest } from "./answer-form.ts";
import type { AnswerForms } from "./answer-forms.ts";
import { type AnswerReader, jsonReader, plainReader, stepReader } from "./answer-reader.ts";
import { chatTurns } from "./chat-turns.ts";
import type { CompletionRequest } from "./parse-request.ts";
import { stepOf, toolTelling } from "./tool-step.ts";

export interface AnswerPlan {
  turns: Turn[];
  constraint: Constraint | null;
  /** A fresh reader for one reading of the answer. */
  reader(): AnswerReader;
}

interface Planner {
  forms: AnswerForms;
  /** Whose turn it is when schemas are read. */
  owner: string;
}

/** @throws {Refusal} unsupported_schema with the field and the JSON pointer inside it */
export async function planAnswer({ forms, owner }: Planner, request: CompletionRequest): Promise<AnswerPlan> {
  const format = formatOf(request);
  const step = request.tools.length > 0 && request.toolChoice !== "none" ? stepOf(request) : null;
  if (format === null && step === null) return plainPlan(request);
  const form = await forms.read(owner, { content: format?.content ?? null, step });
  if (step === null) {
    const told = { instructions: format?.instructions ?? null, examples: [], asSteps: false };
    return {
      turns: chatTurns(request.messages, told),
      constraint: form.constraint,
      reader: () => jsonReader(form),
    };
  }
  const { instructions, examples } = toolTelling(request, form);
  const both =
    format === null ? instructions : `${instructions}\n\n${format.instructions} (as the content of a message)`;
  return {
    turns: chatTurns(request.messages, { instructions: both, examples, asSteps: true }),
    constraint: form.constraint,
    reader: () => stepReader(form, format !== null),
  };
}

function plainPlan(request: CompletionRequest): AnswerPlan {
  const turns = chatTurns(request.messages, { instructions: null, examples: [], asSteps: false });
  return { turns, constraint: null, reader: plainReader };
}

/** The grammar is invisible to the model, so the form is told in words too. */
function formatOf({ format }: CompletionRequest): (Pick<FormRequest, "content"> & { instructions: string }) | null {
  if (format.type === "text") return null;
  if (format.type === "json_object") {
    return {
      content: { field: "response_format", schema: { type: "object" } },
      instructions: "Answer with one JSON object and nothing else.",
    };
  }
  const { schema, description } = format.json_schema;
  const what = description == null ? "" : ` (${description})`;
  const instructions = `Answer with one JSON value${what} that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
  return { content: { field: "response_format.json_schema.schema", schema }, instructions };
}
