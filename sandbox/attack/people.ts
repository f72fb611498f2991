/** People who want an answer, from `/v1` (plain or in a form) or from the agent; attacks are measured by them. */
import { setTimeout as sleep } from "node:timers/promises";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { BOT_KEY } from "./keys.ts";

export type Kind = "plain" | "form" | "agent";

export interface Question {
  /** Idempotency key: a question asked again after a broken connection keeps its id. */
  id: string;
  kind: Kind;
  text: string;
}

export type Reply = { kind: "answer"; text: string; ms: number } | { kind: "failure"; why: string; ms: number };

/** How long a person waits for an answer. */
const PATIENCE_MS = 45_000;
/** How long a patient person retries while servers restart, and the pause between retries. */
const LONG_PATIENCE_MS = 150_000;
const RETRY_AFTER_MS = 300;
const ANSWER_TOKENS_MAX = 400;
/** Interval between polls of a run. */
const POLL_MS = 60;

const FORM = {
  type: "object",
  additionalProperties: false,
  required: ["mood", "count", "words"],
  properties: {
    mood: { enum: ["calm", "curious", "cross"] },
    count: { type: "integer", minimum: 0, maximum: 99 },
    words: { type: "array", minItems: 2, maxItems: 5, items: { enum: ["red", "green", "blue", "black"] } },
  },
} as const;

export interface AskOptions {
  /** Called for each request: a restarted server may listen elsewhere. */
  url: () => string;
  apiKey: string;
  /** Retries while the server is away (restarts); otherwise the first error is final. */
  patient: boolean;
}

export async function ask(question: Question, options: AskOptions): Promise<Reply> {
  const began = performance.now();
  const ms = () => performance.now() - began;
  for (;;) {
    try {
      const text = await (question.kind === "agent" ? askAgent(question, options) : askModel(question, options));
      return { kind: "answer", text, ms: ms() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!options.patient || ms() > LONG_PATIENCE_MS || !isPassing(why)) return { kind: "failure", why, ms: ms() };
      await sleep(RETRY_AFTER_MS);
    }
  }
}

/** Whether an error may come from a restart, a broken connection or a full queue; any other error is final. */
function isPassing(why: string): boolean {
  return /fetch failed|interrupted|terminated|socket|ended early|no_worker|queue_full|database|internal|ECONN/i.test(
    why,
  );
}

async function askModel({ id, kind, text }: Question, { url, apiKey }: AskOptions): Promise<string> {
  const form = { type: "json_schema", json_schema: { name: "mood", strict: true, schema: FORM } };
  const body = {
    model: PLUMBING_MODEL,
    messages: [{ role: "user", content: text }],
    max_tokens: ANSWER_TOKENS_MAX,
    temperature: 0,
    seed: 1,
    stream: kind === "plain",
    ...(kind === "form" ? { response_format: form } : {}),
  };
  const response = await fetch(`${url()}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}`, "idempotency-key": id },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`${response.status} ${await codeOf(response)}`);
  return kind === "plain" ? readStream(await response.text()) : readWhole(await response.json());
}

async function codeOf(response: Response): Promise<string> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  return `${body?.error?.code ?? ""} ${body?.error?.message ?? ""}`.trim();
}

function readWhole(body: unknown): string {
  const { choices } = body as { choices: { message: { content: string }; finish_reason: string }[] };
  return choices[0]?.message.content ?? "";
}

/** The text of a stream. @throws unless it has exactly one finish_reason and closes with [DONE] */
function readStream(text: string): string {
  const events = text.split("\n\n").flatMap((event) => (event.startsWith("data: ") ? [event.slice(6)] : []));
  const chunks = events.filter((event) => event !== "[DONE]").map((event) => JSON.parse(event) as Chunk);
  const fault = chunks.find((chunk) => chunk.error)?.error;
  if (fault) throw new Error(`stream ${fault.code}: ${fault.message}`);
  const ends = chunks.filter((chunk) => chunk.choices?.[0]?.finish_reason).length;
  if (ends !== 1 || events.at(-1) !== "[DONE]") throw new Error(`the stream ended early (${ends} ends)`);
  return chunks.map((chunk) => chunk.choices?.[0]?.delta?.content ?? "").join("");
}

interface Chunk {
  error?: { code: string; message: string };
  choices?: { delta?: { content?: string }; finish_reason?: string | null }[];
}

async function askAgent({ id, text }: Question, { url }: AskOptions): Promise<string> {
  const telegramId = telegramIdOf(id);
  const sent = await call(`${url()}/api/messages`, {
    person: { telegramId, name: "Ann", language: "en" },
    chat: `telegram:${telegramId}`,
    externalId: id,
    text,
  });
  const { run } = sent as { run: string };
  for (const giveUpAt = performance.now() + PATIENCE_MS; performance.now() < giveUpAt; await sleep(POLL_MS)) {
    const { status, answer, outcome } = (await call(`${url()}/api/runs/${run}`)) as Run;
    if (status === "answered") return answer;
    if (status !== "running") throw new Error(`run ${status} ${outcome?.code ?? ""}`);
  }
  throw new Error("the run is still running");
}

interface Run {
  status: string;
  answer: string;
  outcome: { code?: string } | null;
}

async function call(url: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${BOT_KEY}`, "content-type": "application/json" };
  const post = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(url, { headers, ...post, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`${response.status} ${await codeOf(response)}`);
  return response.json();
}

/** A new person for each question, so that no question waits behind the same person's earlier one. */
let people = 1_000;
const telegramIds = new Map<string, number>();

function telegramIdOf(id: string): number {
  const known = telegramIds.get(id) ?? people++;
  telegramIds.set(id, known);
  return known;
}
