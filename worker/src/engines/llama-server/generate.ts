/** One job on a loaded server: what it is sent, and what of its stream is an answer. */
import { renderPrompt } from "@starai/protocol/template";
import type { TemplateName, Turn } from "@starai/protocol/template";
import type { FinishReason } from "@starai/protocol/worker-frames";
import { EngineFailure } from "../engine.ts";
import type { EngineJob } from "../engine.ts";
import { FollowedAnswer } from "../rest-after.ts";
import type { Output } from "../llama/generate.ts";
import { complete, completeWhole, tokenize } from "./server-api.ts";
import type { CompletionRequest, ServerEndpoint } from "./server-api.ts";
import { wholeLength } from "./vocabulary.ts";
import type { ServerVocabulary } from "./vocabulary.ts";

/** Tokens asked for at once where a stream's ids could not be told: a character of four, and a word after it. */
const UNSTREAMED_TOKENS = 8;
/** Tries to get a whole character out of them. */
const UNSTREAMED_TRIES_MAX = 3;

export interface LoadedServer {
  endpoint: ServerEndpoint;
  vocabulary: ServerVocabulary;
  template: TemplateName;
  /** Of one slot. */
  contextTokens: number;
}

/** The prompt's ids: a template's marks as control tokens, everything written by anybody as plain text. */
export async function promptIds(
  { endpoint, template }: Pick<LoadedServer, "endpoint" | "template">,
  turns: readonly Turn[],
): Promise<number[]> {
  const ids: number[] = [];
  for (const { kind, value } of renderPrompt(template, turns))
    if (value !== "") ids.push(...(await tokenize(endpoint, value, kind === "control")));
  return ids;
}

/**
 * Runs `job` to its end, or until `signal` aborts.
 * @throws EngineFailure
 */
export async function generate(
  server: LoadedServer,
  job: EngineJob,
  out: Output,
  signal: AbortSignal,
): Promise<FinishReason> {
  const committed = job.committed.tokens ?? (await committedIds(server, job.committed.text));
  const bytes = server.vocabulary.bytesOf(committed);
  // The pool commits whole characters; the server could not go on inside of one.
  if (wholeLength(bytes) !== bytes.length)
    throw new EngineFailure("constraint_refused", "the committed part ends inside a character");
  const answer = new Answer([...(await promptIds(server, job.turns)), ...committed], job);
  const room = server.contextTokens - answer.ids.length;
  if (room < 1) {
    throw new EngineFailure(
      "context_overflow",
      `the prompt has ${answer.ids.length} tokens, this worker's context holds ${server.contextTokens}`,
    );
  }
  answer.left = Math.min(job.maxTokens, room);
  for (;;) {
    const ended = await stream(server, answer, out, signal);
    if (ended !== "ids unknown") return ended;
    const endedHere = await unstreamed(server, answer, out, signal);
    if (endedHere !== null) return endedHere;
  }
}

async function committedIds({ endpoint }: LoadedServer, text: string): Promise<number[]> {
  return text === "" ? [] : await tokenize(endpoint, text, false);
}

/** The prompt and what was written of the answer, by earlier attempts and this one. */
class Answer {
  readonly ids: number[];
  readonly #job: EngineJob;
  readonly #form: FollowedAnswer | null;
  #text: string;
  /** Tokens that may still be written. */
  left = 0;
  #requests = 0;

  constructor(ids: number[], job: EngineJob) {
    this.ids = ids;
    this.#job = job;
    this.#form = job.constraint && new FollowedAnswer(job.constraint.gbnf);
    this.#text = job.committed.text;
  }

  add(tokens: readonly number[], text: string): void {
    this.ids.push(...tokens);
    this.#text += text;
    this.left -= tokens.length;
  }

  /** Asks for what comes next. A second request draws other random numbers than the first. */
  request({ controls }: ServerVocabulary, tokensMax: number): CompletionRequest {
    const { sampling, constraint } = this.#job;
    return {
      prompt: this.ids,
      n_predict: Math.min(tokensMax, this.left),
      temperature: sampling.temperature,
      top_p: sampling.topP,
      seed: (sampling.seed + this.#requests++) % 2 ** 32,
      banned: controls,
      ...(constraint ? { grammar: this.#grammarAfter(constraint.gbnf) } : {}),
    };
  }

  #grammarAfter(whole: string): string {
    return this.#text === "" || this.#form === null ? whole : this.#form.restAfter(this.#text);
  }
}

/** Streams until the end, or until a character came whose ids cannot be told: that one is dropped. */
async function stream(
  { endpoint, vocabulary }: LoadedServer,
  answer: Answer,
  out: Output,
  signal: AbortSignal,
): Promise<FinishReason | "ids unknown"> {
  const request = answer.request(vocabulary, Infinity);
  let counted = 0;
  for await (const chunk of complete(endpoint, request, signal)) {
    if (chunk.stop_type !== undefined) return chunk.stop_type === "limit" ? "length" : "stop";
    if (chunk.prompt_progress) {
      out.progress(chunk.prompt_progress.processed / Math.max(1, chunk.prompt_progress.total));
      continue;
    }
    const told = chunk.tokens_predicted ?? counted + chunk.tokens.length;
    const count = told - counted - chunk.tokens.length;
    counted = told;
    // The mark that ends an answer has no text; its reason comes with the last chunk.
    if (chunk.content === "") continue;
    const last = chunk.tokens.at(-1);
    if (last === undefined) return "ids unknown";
    const bytes = Buffer.from(chunk.content);
    const before = count === 0 ? [] : vocabulary.leftOut({ bytes, count, last });
    if (before === null) return "ids unknown";
    const tokens = [...before, ...chunk.tokens];
    answer.add(tokens, chunk.content);
    out.tokens(tokens, chunk.content);
  }
  throw new EngineFailure("engine_crashed", "the engine broke off its answer");
}

/**
 * Asks for a few tokens without streaming, which gives all ids, and takes their whole characters. `null`: the answer
 * goes on.
 */
async function unstreamed(
  { endpoint, vocabulary }: LoadedServer,
  answer: Answer,
  out: Output,
  signal: AbortSignal,
): Promise<FinishReason | null> {
  for (let tries = 0; tries < UNSTREAMED_TRIES_MAX; tries++) {
    // The server itself may refuse an answer that ends inside a character, so that each try ends elsewhere.
    const request = answer.request(vocabulary, UNSTREAMED_TOKENS + tries);
    const chunk = await completeWhole(endpoint, request, signal).catch(nothingIfRefused);
    if (chunk === null) continue;
    const whole = wholeTokens(vocabulary, chunk.tokens);
    if (whole.tokens.length > 0) {
      answer.add(whole.tokens, whole.text);
      out.tokens(whole.tokens, whole.text);
    }
    if (chunk.stop_type === "eos") return "stop";
    if (answer.left <= 0 || (answer.left < UNSTREAMED_TOKENS && whole.tokens.length === 0)) return "length";
    if (whole.tokens.length > 0) return null;
  }
  throw new EngineFailure("engine_crashed", "the engine wrote no whole character");
}

function nothingIfRefused(error: unknown): null {
  if (error instanceof EngineFailure && error.code === "engine_crashed") return null;
  throw error;
}

/** As many of the tokens as end with a whole character, and their text. The mark that ends an answer is no part of it. */
function wholeTokens(vocabulary: ServerVocabulary, ids: readonly number[]): { tokens: number[]; text: string } {
  const written = ids.filter((id) => vocabulary.bytesOf([id]).length > 0);
  for (let size = written.length; size > 0; size--) {
    const tokens = written.slice(0, size);
    const bytes = vocabulary.bytesOf(tokens);
    if (wholeLength(bytes) === bytes.length) return { tokens, text: Buffer.from(bytes).toString("utf8") };
  }
  return { tokens: [], text: "" };
}
