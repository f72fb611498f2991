/** The part of the OpenAI API this worker uses: streamed chat completions and the list of models. */
import type { Turn } from "@starai/protocol/template";
import { z } from "zod";
import { EngineFailure } from "../engine.ts";
import { eventsOf } from "../event-stream.ts";

const FAULT_CHARS_MAX = 300;

export interface Endpoint {
  /** Base URL without a trailing slash; `/chat/completions` is appended. */
  url: string;
  key: string | null;
}

export interface ChatRequest {
  model: string;
  messages: readonly Turn[];
  max_tokens: number;
  temperature?: number;
  top_p?: number;
  seed?: number;
  response_format?: { type: "json_schema"; json_schema: { name: string; strict: true; schema: unknown } };
  /** vLLM's option to continue the last message instead of opening a new one; others ignore it. */
  add_generation_prompt?: boolean;
  continue_final_message?: boolean;
}

export interface ChatChunk {
  text: string;
  finish: string | null;
}

const Chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .optional(),
  error: z.unknown().optional(),
});

const Models = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: z.number().nullish(),
      meta: z.object({ n_ctx: z.number().nullish(), n_ctx_train: z.number().nullish() }).nullish(),
    }),
  ),
});
export type EngineModel = z.infer<typeof Models>["data"][number];

export async function listModels({ url, key }: Endpoint, signal: AbortSignal): Promise<EngineModel[]> {
  const response = await fetch(`${url}/models`, { headers: headersOf(key), signal });
  if (!response.ok) throw await refusal(response);
  return Models.parse(await response.json()).data;
}

/**
 * Streams one completion.
 * @throws EngineFailure when the engine rejects the job or breaks off; the signal's reason when aborted.
 */
export async function* chat(
  { url, key }: Endpoint,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ChatChunk> {
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { ...headersOf(key), "content-type": "application/json" },
    body: JSON.stringify({ ...request, stream: true }),
    signal,
  });
  if (!response.ok || !response.body) throw await refusal(response);
  for await (const data of eventsOf(response.body)) {
    if (data === "[DONE]") return;
    const chunk = Chunk.safeParse(parseJson(data));
    if (!chunk.success)
      throw new EngineFailure("engine_crashed", "the engine sent an event that is not a completion chunk");
    if (chunk.data.error)
      throw new EngineFailure("engine_crashed", JSON.stringify(chunk.data.error).slice(0, FAULT_CHARS_MAX));
    const choice = chunk.data.choices?.[0];
    if (choice) yield { text: choice.delta?.content ?? "", finish: choice.finish_reason ?? null };
  }
}

/** Maps an HTTP error status to a job failure. */
async function refusal(response: Response): Promise<EngineFailure> {
  const text = (await response.text().catch(() => "")).slice(0, FAULT_CHARS_MAX);
  const message = `the engine answered HTTP ${response.status}: ${text}`;
  if (response.status === 429 || response.status === 503) return new EngineFailure("busy", message);
  if (response.status === 404) return new EngineFailure("model_missing", message);
  if (response.status !== 400 && response.status !== 422) return new EngineFailure("engine_crashed", message);
  const overflow = /context|too long|too many tokens|maximum.*length/i.test(text);
  return new EngineFailure(overflow ? "context_overflow" : "constraint_refused", message);
}

const headersOf = (key: string | null): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
