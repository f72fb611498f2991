/** Probes an unknown engine by requests: whether it enforces a schema and continues a beginning, and its speeds. */
import type { ConstraintSupport } from "@starai/protocol/worker-frames";
import type { z } from "zod";
import { chat } from "./wire.ts";
import type { ChatRequest, Endpoint } from "./wire.ts";

const PROBE_TIMEOUT_MS = 60_000;
/** A string that no model writes by itself: an answer that contains it was constrained. */
const IMPOSSIBLE = "starai-7319-probe";
const MEASURE_TOKENS = 16;
/** Words of one token in nearly every vocabulary; shuffled, so that no cache makes reading look free. */
const WORDS = "time year people way day man thing woman life child world school state family student group".split(" ");
const MEASURE_WORDS = 96;

export interface Abilities {
  constraint: z.infer<typeof ConstraintSupport>;
  /** Whether the answer repeats a beginning given as the last assistant turn. */
  echoes: { plain: boolean; constrained: boolean };
  prefillTokensPerS: number;
  decodeTokensPerS: number;
}

const SCHEMA = {
  type: "object",
  properties: { value: { const: IMPOSSIBLE } },
  required: ["value"],
  additionalProperties: false,
};

/** Wraps a JSON Schema as the request's `response_format`. */
export function formatOf(schema: unknown): NonNullable<ChatRequest["response_format"]> {
  return { type: "json_schema", json_schema: { name: "answer", strict: true, schema } };
}

export async function probe(endpoint: Endpoint, model: string): Promise<Abilities> {
  const ask = (request: Omit<ChatRequest, "model">) => collect(endpoint, { ...request, model });
  const constraint = (await keepsForm(ask)) ? "json_schema" : "none";
  const constrainedBeginning = `{"value":"${IMPOSSIBLE.slice(0, 6)}`;
  const plainBeginning = "Colours: blue, green,";
  const echoes = {
    plain: await echoesBack(ask, plainBeginning, {}),
    constrained:
      constraint !== "none" && (await echoesBack(ask, constrainedBeginning, { response_format: formatOf(SCHEMA) })),
  };
  return { constraint, echoes, ...(await measure(endpoint, model)) };
}

type Ask = (request: Omit<ChatRequest, "model">) => Promise<string>;

async function keepsForm(ask: Ask): Promise<boolean> {
  const text = await ask({
    messages: [{ role: "user", content: "Say hello." }],
    max_tokens: 60,
    temperature: 0,
    response_format: formatOf(SCHEMA),
  }).catch(() => "");
  return text.includes(`"${IMPOSSIBLE}"`);
}

async function echoesBack(ask: Ask, beginning: string, format: Pick<ChatRequest, "response_format">): Promise<boolean> {
  const text = await ask({
    messages: [
      { role: "user", content: "Go on." },
      { role: "assistant", content: beginning },
    ],
    max_tokens: 24,
    temperature: 0,
    ...CONTINUE,
    ...format,
  }).catch(() => "");
  return text.startsWith(beginning);
}

export const CONTINUE = { add_generation_prompt: false, continue_final_message: true } as const;

async function measure(endpoint: Endpoint, model: string) {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const words = Array.from({ length: MEASURE_WORDS }, () => WORDS[Math.floor(Math.random() * WORDS.length)]);
  const started = performance.now();
  let firstAt: number | null = null;
  let chunks = 0;
  const request = {
    model,
    messages: [{ role: "user" as const, content: words.join(" ") }],
    max_tokens: MEASURE_TOKENS,
  };
  for await (const { text } of chat(endpoint, { ...request, temperature: 0 }, signal)) {
    if (text === "") continue;
    firstAt ??= performance.now();
    chunks++;
  }
  const ended = performance.now();
  const readS = ((firstAt ?? ended) - started) / 1_000;
  const writeS = (ended - (firstAt ?? started)) / 1_000;
  return {
    prefillTokensPerS: MEASURE_WORDS / Math.max(readS, 0.001),
    decodeTokensPerS: Math.max(1, chunks - 1) / Math.max(writeS, 0.001),
  };
}

async function collect(endpoint: Endpoint, request: ChatRequest): Promise<string> {
  let all = "";
  for await (const { text } of chat(endpoint, request, AbortSignal.timeout(PROBE_TIMEOUT_MS))) all += text;
  return all;
}
