/** The part of llama-server's own HTTP API that the driver uses: tokenise and complete. What it answers is parsed here. */
import { z } from "zod";
import { EngineFailure } from "../engine.ts";
import { eventsOf } from "../event-stream.ts";

const FAULT_CHARS_MAX = 300;

export interface ServerEndpoint {
  url: string;
  key: string;
}

export interface CompletionRequest {
  /** Ids only: the server would read control tokens out of a text. */
  prompt: readonly number[];
  n_predict: number;
  temperature: number;
  top_p: number;
  seed: number;
  grammar?: string;
  /** Ids that must not appear. */
  banned: readonly number[];
  /** Goes on until `n_predict`. */
  ignore_eos?: boolean;
  /** Whether it may go on from what the slot has read before; by default it does. */
  cache_prompt?: boolean;
}

const Chunk = z.object({
  content: z.string().default(""),
  tokens: z.array(z.int().nonnegative()).default([]),
  /** Ids so far, those left out included. */
  tokens_predicted: z.int().nonnegative().optional(),
  prompt_progress: z.object({ total: z.number(), processed: z.number() }).optional(),
  stop_type: z.string().optional(),
  // Not a number where nothing was to be read.
  "timings/prompt_per_second": z.number().nullish(),
  "timings/predicted_per_second": z.number().nullish(),
});
export type CompletionChunk = z.infer<typeof Chunk>;

const Tokens = z.object({ tokens: z.array(z.int().nonnegative()) });
/** llama.cpp's own default. OpenAI callers cannot set it; small models write nonsense from the far tail. */
const TOP_K = 40;
/** The server's own answer has the whole prompt and grammar in it. */
const LAST_FIELDS = [
  "content",
  "tokens",
  "tokens_predicted",
  "stop_type",
  "timings/prompt_per_second",
  "timings/predicted_per_second",
];

/** With `control`, marks in the text become control tokens; without, they stay the characters they are. */
export async function tokenize(endpoint: ServerEndpoint, text: string, control: boolean): Promise<number[]> {
  const body = { content: text, add_special: false, parse_special: control };
  return Tokens.parse(await (await post(endpoint, "tokenize", body)).json()).tokens;
}

/** @throws EngineFailure when the server refuses the job or breaks off; the signal's reason when aborted. */
export async function* complete(
  endpoint: ServerEndpoint,
  request: CompletionRequest,
  signal: AbortSignal,
): AsyncGenerator<CompletionChunk> {
  const body = { ...bodyOf(request), stream: true, return_progress: true };
  const response = await post(endpoint, "completion", body, signal);
  if (!response.body) throw new EngineFailure("engine_crashed", "the engine sent nothing");
  for await (const data of eventsOf(response.body)) yield readChunk(parseJson(data));
}

/** The same without streaming: its ids are complete. */
export async function completeWhole(
  endpoint: ServerEndpoint,
  request: CompletionRequest,
  signal: AbortSignal,
): Promise<CompletionChunk> {
  return readChunk(await (await post(endpoint, "completion", bodyOf(request), signal)).json());
}

/** Has the server do a completion whose text does not matter. @returns tokens a second at which it read and wrote */
export async function exercise(endpoint: ServerEndpoint, request: CompletionRequest, signal: AbortSignal) {
  // Streamed: an answer in one piece is refused by the server itself where it ends inside a character.
  for await (const chunk of complete(endpoint, { ...request, ignore_eos: true }, signal)) {
    if (chunk.stop_type === undefined) continue;
    const { "timings/prompt_per_second": read, "timings/predicted_per_second": wrote } = chunk;
    return { prefillTokensPerS: read ?? 0, decodeTokensPerS: wrote ?? 0 };
  }
  throw new EngineFailure("engine_crashed", "the engine broke off its answer");
}

/** Whether the model is loaded. */
export async function isHealthy(endpoint: ServerEndpoint, withinMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(withinMs);
  const response = await fetch(`${endpoint.url}/health`, { signal }).catch(() => null);
  await response?.body?.cancel();
  return response?.ok ?? false;
}

function bodyOf({ banned, ...request }: CompletionRequest) {
  return {
    cache_prompt: true,
    ...request,
    top_k: TOP_K,
    min_p: 0,
    samplers: ["top_k", "top_p", "temperature"],
    logit_bias: banned.map((id) => [id, false]),
    return_tokens: true,
    response_fields: LAST_FIELDS,
  };
}

async function post(
  { url, key }: ServerEndpoint,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const response = await fetch(`${url}/${path}`, {
    method: "POST",
    // The server closes a connection that was idle for some seconds, perhaps just when the next request is sent on it.
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", connection: "close" },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw await refusal(response);
  return response;
}

async function refusal(response: Response): Promise<EngineFailure> {
  const text = (await response.text().catch(() => "")).slice(0, FAULT_CHARS_MAX);
  const message = `the engine answered HTTP ${response.status}: ${text}`;
  if (response.status !== 400) return new EngineFailure("engine_crashed", message);
  if (/grammar/i.test(text)) return new EngineFailure("constraint_refused", "llama.cpp cannot parse the grammar");
  return new EngineFailure(/context/i.test(text) ? "context_overflow" : "engine_crashed", message);
}

function readChunk(json: unknown): CompletionChunk {
  const chunk = Chunk.safeParse(json);
  if (!chunk.success || (json as { error?: unknown }).error !== undefined)
    throw new EngineFailure("engine_crashed", `the engine sent ${JSON.stringify(json).slice(0, FAULT_CHARS_MAX)}`);
  return chunk.data;
}

function parseJson(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
