/** People who only want an answer: through `/v1`, plain or in a form, or of the agent. They are who an attack is measured by. */
import { setTimeout as sleep } from "node:timers/promises";
import { PLUMBING_MODEL } from "@starai/protocol/catalogue";
import { BOT_KEY } from "./keys.ts";

export type Kind = "plain" | "form" | "agent";

export interface Question {
  /** Unique: the same question asked again after a broken connection is the same question. */
  id: string;
  kind: Kind;
  text: string;
}

export type Told = { kind: "answer"; text: string; ms: number } | { kind: "failure"; why: string; ms: number };

/** Patience of a person. */
const PATIENCE_MS = 45_000;
/** Of one who goes on asking while servers are started again, and how soon that one asks again. */
const LONG_PATIENCE_MS = 150_000;
const AGAIN_AFTER_MS = 300;
const ANSWER_TOKENS_MAX = 400;
/** Between two looks at a run. */
const LOOK_MS = 60;

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

export interface Asking {
  /** Asked each time: a server that was started again may listen elsewhere. */
  url: () => string;
  apiKey: string;
  /** Goes on asking while the server is away (restarts); otherwise the first refusal counts. */
  patient: boolean;
}

export async function ask(question: Question, asking: Asking): Promise<Told> {
  const began = performance.now();
  const ms = () => performance.now() - began;
  for (;;) {
    try {
      const text = await (question.kind === "agent" ? askAgent(question, asking) : askModel(question, asking));
      return { kind: "answer", text, ms: ms() };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!asking.patient || ms() > LONG_PATIENCE_MS || !isPassing(why)) return { kind: "failure", why, ms: ms() };
      await sleep(AGAIN_AFTER_MS);
    }
  }
}

/** What a restart, a broken wire or a full place looks like from outside; anything else is an end. */
function isPassing(why: string): boolean {
  return /fetch failed|interrupted|terminated|socket|ended early|no_worker|queue_full|database|internal|ECONN/i.test(
    why,
  );
}

async function askModel({ id, kind, text }: Question, { url, apiKey }: Asking): Promise<string> {
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

/** A stream is one answer when it says its end once and closes with [DONE]. */
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

async function askAgent({ id, text }: Question, { url }: Asking): Promise<string> {
  const telegramId = telegramIdOf(id);
  const sent = await call(`${url()}/api/messages`, {
    person: { telegramId, name: "Ann", language: "en" },
    chat: `telegram:${telegramId}`,
    externalId: id,
    text,
  });
  const { run } = sent as { run: string };
  for (const giveUpAt = performance.now() + PATIENCE_MS; performance.now() < giveUpAt; await sleep(LOOK_MS)) {
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

/** A person of their own for each question: nobody waits for their own earlier one. */
let people = 1_000;
const telegramIds = new Map<string, number>();

function telegramIdOf(id: string): number {
  const known = telegramIds.get(id) ?? people++;
  telegramIds.set(id, known);
  return known;
}
