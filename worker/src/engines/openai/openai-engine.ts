/**
 * Any OpenAI-compatible URL as an engine: llama-server, vLLM, SGLang, Ollama.
 *
 * Such an engine returns text without token ids, so the server marks its usage as estimated. A constraint is sent
 * as `response_format: json_schema`; an answer continues after its committed part as an assistant turn left open.
 */
import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Turn } from "@starai/protocol/template";
import type { Device, ServedModel } from "@starai/protocol/worker-frames";
import type { Logger } from "pino";
import { EngineFailure } from "../engine.ts";
import type { Engine, EngineEvent, EngineJob } from "../engine.ts";
import { QUIET_BEFORE_FIRST_TOKEN_MS, StallWatch } from "../stall-watch.ts";
import { EchoFilter } from "./echo.ts";
import { CONTINUE, formatOf, probe } from "./probe.ts";
import type { Abilities } from "./probe.ts";
import { UrlWatch } from "./url-watch.ts";
import { chat, listModels } from "./wire.ts";
import type { ChatRequest, Endpoint, EngineModel } from "./wire.ts";

const LIST_TIMEOUT_MS = 10_000;
const WARM_TIMEOUT_MS = 60_000;
const WATCH_EVERY_MS = 500;
/** Jobs at once: engines behind a URL batch well but do not report how many they accept. */
const SLOTS = 4;
/** The lower of two estimates: Russian has about two characters per token, English four. */
const CHARS_PER_TOKEN = 2;
/** Assumed context if the engine does not report its own. */
const CONTEXT_TOKENS = 8_192;
/** Failures that may mean that the engine is gone. */
const GONE: ReadonlySet<string> = new Set(["engine_crashed", "engine_stalled", "model_missing"]);

export interface OpenAiOptions {
  url: string;
  key: string | null;
  /** The engine's own name for the model. */
  engineModel: string;
  /** `serving` has changed. */
  onServing?: () => void;
}

/**
 * Checks that the engine answers and has the model, and probes its capabilities.
 * @throws Error that states what is wrong with the URL or the name.
 */
export async function openOpenAiEngine(options: OpenAiOptions, model: CatalogueModel, log: Logger): Promise<Engine> {
  const { endpoint, found } = await connect(options);
  const abilities = await probe(endpoint, options.engineModel);
  log.info({ model: model.id, url: endpoint.url, ...abilities }, "engine ready");
  const watch = new UrlWatch({
    look: (signal) => findModel(endpoint, options.engineModel, signal),
    onServing: () => options.onServing?.(),
    logger: log.child({ model: model.id, url: endpoint.url }),
  });
  return new OpenAiEngine({ endpoint, found, abilities, model, watch });
}

/** People write the URL with and without its `/v1`. */
async function connect({ url, key, engineModel }: OpenAiOptions): Promise<{ endpoint: Endpoint; found: EngineModel }> {
  const base = url.replace(/\/+$/, "");
  const faults: string[] = [];
  for (const candidate of base.endsWith("/v1") ? [base] : [`${base}/v1`, base]) {
    const endpoint = { url: candidate, key };
    try {
      return { endpoint, found: await findModel(endpoint, engineModel) };
    } catch (error) {
      faults.push(`${candidate}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`the engine at STARAI_ENGINE_URL cannot be used: ${faults.join("; ")}`);
}

/** @throws when the engine does not answer in time, or has no such model. */
async function findModel(endpoint: Endpoint, name: string, signal?: AbortSignal): Promise<EngineModel> {
  const timeout = AbortSignal.timeout(LIST_TIMEOUT_MS);
  const models = await listModels(endpoint, signal ? AbortSignal.any([timeout, signal]) : timeout);
  const found = models.find(({ id }) => id === name);
  if (found) return found;
  const names = models.map(({ id }) => id).join(", ") || "none";
  throw new Error(`it does not have the model "${name}", only ${names}: correct STARAI_ENGINE_MODEL`);
}

interface Opened {
  endpoint: Endpoint;
  found: EngineModel;
  abilities: Abilities;
  model: CatalogueModel;
  watch: UrlWatch;
}

class OpenAiEngine implements Engine {
  readonly served: ServedModel;
  readonly devices: readonly Device[];
  /** Always false: the load on the machine behind the URL is not visible from here. */
  readonly measuredBusy = false;
  readonly #opened: Opened;
  readonly #closing = new AbortController();

  constructor(opened: Opened) {
    const { endpoint, found, abilities, model } = opened;
    const host = new URL(endpoint.url).host;
    const told = found.max_model_len ?? found.meta?.n_ctx ?? CONTEXT_TOKENS;
    this.#opened = opened;
    this.devices = [{ name: host.slice(0, 120), kind: "remote", memoryBytes: 0 }];
    this.served = {
      id: model.id,
      sha256: model.sha256,
      engine: `openai/${host}`.slice(0, 60),
      contextTokens: Math.min(told, model.contextTokens),
      kvType: "unknown",
      constraint: abilities.constraint,
      tokenIds: false,
      slots: SLOTS,
      prefillTokensPerS: abilities.prefillTokensPerS,
      decodeTokensPerS: abilities.decodeTokensPerS,
    };
  }

  get serving(): boolean {
    return this.#opened.watch.serving;
  }

  async *generate(job: EngineJob, signal: AbortSignal): AsyncGenerator<EngineEvent, void, void> {
    const request = this.#requestOf(job);
    const { echoes } = this.#opened.abilities;
    const echo = new EchoFilter((job.constraint ? echoes.constrained : echoes.plain) ? job.committed.text : "");
    const stalled = new AbortController();
    const watch = new StallWatch(performance.now(), this.#readingMs(job));
    const timer = setInterval(() => watch.stalled(performance.now()) && stalled.abort(), WATCH_EVERY_MS);
    let finish: string | null = null;
    try {
      yield { kind: "progress", done: 0 };
      const all = AbortSignal.any([signal, stalled.signal, this.#closing.signal]);
      for await (const chunk of chat(this.#opened.endpoint, request, all)) {
        watch.token(performance.now());
        finish = chunk.finish ?? finish;
        const text = echo.push(chunk.text);
        if (text !== "") yield { kind: "tokens", tokens: null, text };
      }
      const held = echo.end();
      if (held !== "") yield { kind: "tokens", tokens: null, text: held };
      if (finish === null) throw new EngineFailure("engine_crashed", "the engine broke off its answer");
      this.#opened.watch.worked();
      yield { kind: "done", reason: finish === "length" ? "length" : "stop" };
    } catch (error) {
      if (signal.aborted) return;
      const failure = failureOf(error, { stalled: stalled.signal.aborted, closing: this.#closing.signal.aborted });
      if (GONE.has(failure.code)) this.#opened.watch.failed();
      throw failure;
    } finally {
      clearInterval(timer);
    }
  }

  async warm(turns: readonly Turn[]): Promise<void> {
    const request = { model: this.#name, messages: [...turns], max_tokens: 1 };
    const signal = AbortSignal.any([AbortSignal.timeout(WARM_TIMEOUT_MS), this.#closing.signal]);
    const chunks = chat(this.#opened.endpoint, request, signal);
    // Only the side effect matters: the engine has read the prefix.
    while (!(await chunks.next()).done);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#opened.watch.close();
  }

  /** The longest this prompt may take to read: three times what the probe predicts. */
  #readingMs({ turns }: EngineJob): number {
    const chars = turns.reduce((sum, { content }) => sum + content.length, 0);
    const predictedMs = (chars / CHARS_PER_TOKEN / this.served.prefillTokensPerS) * 1_000;
    return Math.max(QUIET_BEFORE_FIRST_TOKEN_MS, 3 * predictedMs);
  }

  get #name(): string {
    return this.#opened.found.id;
  }

  #requestOf({ turns, committed, constraint, sampling, maxTokens }: EngineJob): ChatRequest {
    if (constraint && this.served.constraint === "none") {
      throw new EngineFailure("constraint_refused", "this engine does not enforce a JSON Schema");
    }
    const going = committed.text !== "";
    return {
      model: this.#name,
      messages: going ? [...turns, { role: "assistant", content: committed.text }] : [...turns],
      max_tokens: maxTokens,
      temperature: sampling.temperature,
      top_p: sampling.topP,
      seed: sampling.seed,
      ...(going ? CONTINUE : {}),
      ...(constraint ? { response_format: formatOf(constraint.jsonSchema) } : {}),
    };
  }
}

function failureOf(error: unknown, { stalled, closing }: { stalled: boolean; closing: boolean }): EngineFailure {
  if (stalled) return new EngineFailure("engine_stalled", "the engine produced no token for too long");
  if (closing) return new EngineFailure("shutting_down", "the worker is stopping");
  if (error instanceof EngineFailure) return error;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
  return new EngineFailure("engine_crashed", `the engine cannot be reached: ${cause || String(error)}`, {
    cause: error,
  });
}
