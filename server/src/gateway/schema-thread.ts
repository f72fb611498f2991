/** The thread that compiles strangers' schemas. It answers one question at a time; the server may end it meanwhile. */
import { parentPort } from "node:worker_threads";
import { Refusal } from "../errors.ts";
import { readForm } from "./answer-form.ts";
import type { FormFacts, FormRequest, ReadForm } from "./answer-form.ts";

/** `form` is a `FormRequest` as JSON text. */
export type SchemaQuestion = { kind: "read"; form: string } | { kind: "check"; form: string; text: string };

export type SchemaReply =
  /** The thread has loaded its code. Sent once, before any other reply. */
  | { kind: "ready" }
  | { kind: "read"; facts: FormFacts }
  | { kind: "checked"; fault: string | null }
  | { kind: "refused"; refusal: Pick<Refusal, "code" | "message" | "param"> }
  | { kind: "failed"; message: string };

/** Forms kept, because each answer is checked against its form at its end; a key has at most 8 running answers. */
const REMEMBERED_MAX = 64;

const remembered = new Map<string, ReadForm>();

const port = parentPort;
port?.on("message", (question: SchemaQuestion) => port.postMessage(reply(question)));
port?.postMessage({ kind: "ready" } satisfies SchemaReply);

function reply(question: SchemaQuestion): SchemaReply {
  try {
    const form = formOf(question.form);
    if (question.kind === "read") return { kind: "read", facts: form.facts };
    return { kind: "checked", fault: form.check(question.text) };
  } catch (error) {
    if (error instanceof Refusal) {
      const { code, message, param } = error;
      return { kind: "refused", refusal: { code, message, param } };
    }
    return { kind: "failed", message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function formOf(text: string): ReadForm {
  const form = remembered.get(text) ?? readForm(JSON.parse(text) as FormRequest);
  remembered.delete(text);
  remembered.set(text, form);
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_MAX && oldest !== undefined) remembered.delete(oldest);
  return form;
}
