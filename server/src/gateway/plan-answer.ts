/** Plans a request: the turns and the form for the pool, and the reader for its raw answer. */
import type { Turn } from "@starai/protocol/template";
import type { Constraint } from "@starai/protocol/worker-frames";
import type { AnswerForms } from "./answer-forms.ts";
import { jsonReader, plainReader, stepReader } from "./answer-reader.ts";
import type { AnswerReader } from "./answer-reader.ts";
import { chatTurns } from "./chat-turns.ts";
import type { AnswerFormat } from "./parse-format.ts";
import type { CompletionRequest } from "./parse-request.ts";
import { stepOf, toolInstructions } from "./tool-step.ts";

export interface AnswerPlan {
  turns: Turn[];
  constraint: Constraint | null;
  /** Stop texts for the raw answer; empty if it has a form, which determines its end. */
  stop: string[];
  /** Creates a reader; each reader reads the answer once. */
  reader(): AnswerReader;
}

interface Planner {
  forms: AnswerForms;
  /** The owner whose turn in the schema thread is used. */
  owner: string;
}

/** @throws {Refusal} unsupported_schema with the field and the JSON pointer inside it */
export async function planAnswer({ forms, owner }: Planner, request: CompletionRequest): Promise<AnswerPlan> {
  const { format, stop } = request;
  const step = request.tools.length > 0 && request.toolChoice !== "none" ? stepOf(request) : null;
  if (format.kind === "text" && step === null) {
    const turns = chatTurns(request.messages, { instructions: null, asSteps: false });
    return { turns, constraint: null, stop, reader: plainReader };
  }
  const content = format.kind === "text" ? null : { field: format.field, schema: format.schema };
  const form = await forms.read(owner, { content, step });
  const about = format.kind === "text" ? null : formatInstructions(format);
  if (step === null) {
    const turns = chatTurns(request.messages, { instructions: about, asSteps: false });
    return { turns, constraint: form.constraint, stop: [], reader: () => jsonReader(form) };
  }
  const aboutTools = toolInstructions(request, form);
  const instructions = about === null ? aboutTools : `${aboutTools}\n\n${about} (as the content of a message)`;
  return {
    turns: chatTurns(request.messages, { instructions, asSteps: true }),
    constraint: form.constraint,
    stop: [],
    reader: () => stepReader(form, content === null ? { kind: "text", stop } : { kind: "json" }),
  };
}

/** Describes the form in the prompt, because the model does not see the grammar. */
function formatInstructions({ schema, description, isAnyObject }: Extract<AnswerFormat, { kind: "json" }>): string {
  if (isAnyObject) return "Answer with one JSON object and nothing else.";
  const what = description === null ? "" : ` (${description})`;
  return `Answer with one JSON value${what} that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
}
