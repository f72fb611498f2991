/** Builds the objects of OpenAI's chat completion, whole or in chunks. */
import { createHash } from "node:crypto";
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { JobUsage } from "../jobs/job.ts";
import type { AnswerDelta, AnswerEnd } from "./answer-reader.ts";

interface CompletionUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  /** Present and true only if a worker's engine sent no token ids. */
  estimated?: true;
}

interface ToolCall {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

interface Common {
  id: string;
  created: number;
  model: string;
  system_fingerprint: string;
}

export interface ChatCompletion extends Common {
  object: "chat.completion";
  choices: [
    {
      index: 0;
      message: { role: "assistant"; content: string | null; refusal: null; tool_calls?: ToolCall[] };
      logprobs: null;
      finish_reason: AnswerEnd;
    },
  ];
  usage: CompletionUsage;
}

interface ChunkDelta {
  role?: "assistant";
  content?: string | null;
  tool_calls?: [{ index: 0; id?: string; type?: "function"; function: { name?: string; arguments: string } }];
}

export interface ChatChunk extends Common {
  object: "chat.completion.chunk";
  choices: { index: 0; delta: ChunkDelta; logprobs: null; finish_reason: AnswerEnd | null }[];
  /** Present if the caller asked for usage; null in every chunk but the last. */
  usage?: CompletionUsage | null;
}

export class CompletionObjects {
  readonly #common: Common;
  readonly #callId: string;
  readonly #includeUsage: boolean;

  /** Ids derive from the job's id: unique, and equal when an Idempotency-Key repeats the answer. */
  constructor(facts: { job: string; model: CatalogueModel; createdAt: number; includeUsage: boolean }) {
    const id = facts.job.replaceAll("-", "");
    this.#common = {
      id: `chatcmpl-${id}`,
      created: Math.floor(facts.createdAt / 1_000),
      model: facts.model.id,
      system_fingerprint: `fp_${facts.model.sha256.slice(0, 12)}`,
    };
    this.#callId = `call_${createHash("sha256").update(id).digest("hex").slice(0, 24)}`;
    this.#includeUsage = facts.includeUsage;
  }

  whole(deltas: readonly AnswerDelta[], end: AnswerEnd, usage: JobUsage): ChatCompletion {
    const textOf = (kind: "content" | "arguments") =>
      deltas.map((delta) => (delta.kind === kind ? delta.text : "")).join("");
    const call = deltas.find((delta) => delta.kind === "call");
    const toolCalls = call === undefined ? {} : { tool_calls: [this.#toolCall(call.name, textOf("arguments"))] };
    const content = call === undefined ? textOf("content") : null;
    return {
      ...this.#common,
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content, refusal: null, ...toolCalls },
          logprobs: null,
          finish_reason: end,
        },
      ],
      usage: usageOf(usage),
    };
  }

  /** First chunk: role = assistant. */
  first(): ChatChunk {
    return this.#chunk({ role: "assistant", content: "" }, null);
  }

  delta(delta: AnswerDelta): ChatChunk {
    switch (delta.kind) {
      case "content":
        return this.#chunk({ content: delta.text }, null);
      case "call":
        return this.#chunk({ tool_calls: [{ index: 0, ...this.#toolCall(delta.name, "") }] }, null);
      case "arguments":
        return this.#chunk({ tool_calls: [{ index: 0, function: { arguments: delta.text } }] }, null);
    }
  }

  last(end: AnswerEnd): ChatChunk {
    return this.#chunk({}, end);
  }

  /** The usage chunk after the last, only for callers who requested it. */
  usage(usage: JobUsage): ChatChunk | null {
    if (!this.#includeUsage) return null;
    return { ...this.#common, object: "chat.completion.chunk", choices: [], usage: usageOf(usage) };
  }

  #chunk(delta: ChunkDelta, end: AnswerEnd | null): ChatChunk {
    return {
      ...this.#common,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, logprobs: null, finish_reason: end }],
      ...(this.#includeUsage ? { usage: null } : {}),
    };
  }

  #toolCall(name: string, args: string): ToolCall {
    return { id: this.#callId, type: "function", function: { name, arguments: args } };
  }
}

function usageOf(usage: JobUsage): CompletionUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    ...(usage.estimated ? { estimated: true } : {}),
  };
}
