/**
 * Turns the raw text of a job into deltas for an OpenAI client: content, or a tool call and its arguments. Streamed and
 * whole answers go through the same reader, so they cannot differ.
 */
import type { FinishReason } from "@starai/protocol/worker-frames";
import { Refusal } from "../errors.ts";
import { JsonFault, JsonReader } from "../grammar/json-reader.ts";
import type { JsonWatch } from "../grammar/json-reader.ts";
import { HeldTail } from "./held-tail.ts";
import { StoppedText } from "./stopped-text.ts";

export type AnswerDelta =
  | { kind: "content"; text: string }
  /** The model calls this tool; arguments follow. */
  | { kind: "call"; name: string }
  | { kind: "arguments"; text: string };

export type AnswerEnd = "stop" | "length" | "tool_calls";

/** Returns why a JSON text does not fit the requested form, or null if it fits. */
export interface FormCheck {
  check(text: string): Promise<string | null>;
}

export interface AnswerReader {
  /** Returns the deltas of the next raw text. @throws {Refusal} output_invalid */
  push(text: string): AnswerDelta[];
  /** Validates the answer and returns its last deltas and the finish reason. @throws {Refusal} output_invalid */
  finish(reason: FinishReason): Promise<{ deltas: AnswerDelta[]; end: AnswerEnd }>;
}

/** Plain text is passed on as it is. */
export function plainReader(): AnswerReader {
  return {
    push: (text) => (text === "" ? [] : [{ kind: "content", text }]),
    finish: (reason) => Promise.resolve({ deltas: [], end: reason }),
  };
}

/** The answer is one JSON value of the caller's schema. */
export function jsonReader(form: FormCheck): AnswerReader {
  const tail = new HeldTail();
  return formedReader(form, (emit) => ({
    watches: [{ path: [], raw: (delta) => emit("content", tail.push(delta)) }],
    release: () => emit("content", tail.release()),
    end: () => "stop",
  }));
}

/**
 * The answer is one step: `{"action":"message","content":…}` or `{"action":"call","name":…,"arguments":…}`.
 * A message's content is either a text, cut before the first of the caller's stop texts, or a value of the caller's
 * schema, passed on as JSON text.
 */
export function stepReader(form: FormCheck, content: StepContent): AnswerReader {
  return formedReader(form, (emit, call) => {
    const args = new HeldTail();
    const said = content.kind === "json" ? new HeldTail() : new StoppedText(content.stop);
    let called = false;
    const emitContent = (delta: string) => emit("content", said.push(delta));
    const contentWatch: JsonWatch =
      content.kind === "json" ? { path: ["content"], raw: emitContent } : { path: ["content"], text: emitContent };
    const nameWatch: JsonWatch = {
      path: ["name"],
      done: (name) => {
        called = true;
        call(String(name));
      },
    };
    return {
      watches: [contentWatch, nameWatch, { path: ["arguments"], raw: (delta) => emit("arguments", args.push(delta)) }],
      release: () => {
        emit("content", said.release());
        emit("arguments", args.release());
      },
      isStopped: () => said instanceof StoppedText && said.isStopped,
      end: () => (called ? "tool_calls" : "stop"),
    };
  });
}

/** The content of a step's message. */
export type StepContent = { kind: "text"; stop: readonly string[] } | { kind: "json" };

interface Plan {
  watches: readonly JsonWatch[];
  /** Whether a stop text was found. The rest is dropped, so the answer is complete even at the token limit. */
  isStopped?: () => boolean;
  release: () => void;
  end: () => AnswerEnd;
}

function formedReader(
  form: FormCheck,
  plan: (emit: (kind: "content" | "arguments", text: string) => void, call: (name: string) => void) => Plan,
): AnswerReader {
  let deltas: AnswerDelta[] = [];
  let raw = "";
  const { watches, release, end, isStopped } = plan(
    (kind, text) => void (text === "" || deltas.push({ kind, text })),
    (name) => void deltas.push({ kind: "call", name }),
  );
  const reader = new JsonReader(watches);
  const taken = () => {
    const taken = deltas;
    deltas = [];
    return taken;
  };
  return {
    push(text) {
      raw += text;
      asOutputFault(() => reader.push(text));
      return taken();
    },
    async finish(reason) {
      if (!reader.finished) {
        if (reason !== "length") throw outputInvalid("it stops in the middle");
        release();
        return { deltas: taken(), end: isStopped?.() ? "stop" : "length" };
      }
      asOutputFault(() => reader.end());
      const fault = await form.check(raw);
      if (fault !== null) throw outputInvalid(fault);
      release();
      return { deltas: taken(), end: end() };
    },
  };
}

function asOutputFault(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (error instanceof JsonFault) throw outputInvalid(error.message, error);
    throw error;
  }
}

function outputInvalid(why: string, cause?: unknown): Refusal {
  const message = `The model's answer does not fit the form that was asked for (${why}); send the request again.`;
  return new Refusal("output_invalid", message, { cause });
}
