/**
 * llama-server as the child process that LlamaEngine watches: it takes the same messages as the built-in engine's
 * child, and answers them by requests to the server. When the server dies, the engine starts a new one of these.
 */
import type { Logger } from "pino";
import { guarded } from "@starai/protocol/guarded";
import { EngineFailure } from "../engine.ts";
import type { FromChild, LoadOptions, Speeds, ToChild } from "../llama/child-messages.ts";
import type { EngineChild, EngineChildEvents } from "../llama/engine-process.ts";
import { BATCH_TOKENS } from "../llama/fit.ts";
import { chunkTokensAt, fastestOf } from "../llama/speeds.ts";
import { generate, promptIds } from "./generate.ts";
import type { LoadedServer } from "./generate.ts";
import { JobSlots } from "./job-slots.ts";
import { measureServer } from "./measure-server.ts";
import { exercise, tokenize } from "./server-api.ts";
import type { RpcLayers } from "./rpc-devices.ts";
import { ServerProcess } from "./server-process.ts";
import { readVocabulary } from "./vocabulary.ts";
import type { ServerVocabulary } from "./vocabulary.ts";

const WAITING_PROGRESS_MS = 1_000;
/** Reading many tokens at once takes other code than reading one, so a trial must do both. */
const TRIAL = "Tries whether this processor has every instruction that this build wants. ".repeat(4);
/** The server writes one token at least. */
const READ_ONLY = { n_predict: 1, temperature: 0, top_p: 1, seed: 0, banned: [] };
const FAULT_CHARS_MAX = 400;

interface Running {
  process: ServerProcess;
  server: LoadedServer;
  options: LoadOptions;
  threads: number;
  batchTokens: number;
}

export class ServerChild implements EngineChild {
  readonly #folder: string;
  readonly #rpc: RpcLayers | undefined;
  readonly #events: EngineChildEvents;
  readonly #jobs = new Map<number, AbortController>();
  readonly #receive: (message: ToChild) => void;
  #process: ServerProcess | null = null;
  #vocabulary: Promise<ServerVocabulary> | null = null;
  #running: Running | null = null;
  #slots = new JobSlots(1);
  #speeds: Speeds | null = null;
  /** Aborts the running measurement when any other request arrives. */
  #measuring = new AbortController();
  #ended = false;
  /** No further server may be started. */
  #killed = false;

  /** @param build  a verified build of llama.cpp, and the layer servers of a group where it heads one */
  constructor(build: { folder: string; rpc?: RpcLayers | undefined }, events: EngineChildEvents, log: Logger) {
    this.#folder = build.folder;
    this.#rpc = build.rpc;
    this.#events = events;
    this.#receive = guarded(log, "a message to the engine", (message: ToChild) => void this.#handle(message));
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  send(message: ToChild): void {
    this.#receive(message);
  }

  kill(): void {
    this.#killed = true;
    const process = this.#process;
    // One whose layer server hangs does not obey a request to end, and holds nothing that could be lost.
    process?.kill();
    void (process?.ended ?? Promise.resolve("it was ended")).then((why) => this.#exit(why));
  }

  async #handle(message: ToChild): Promise<void> {
    switch (message.type) {
      case "load":
        return await this.#load(message.options);
      case "measure":
        return await this.#measure(message.threads);
      case "generate":
        this.#measuring.abort();
        return await this.#runJob(message);
      case "cancel":
        return this.#jobs.get(message.id)?.abort();
      case "warm":
        this.#measuring.abort();
        return await this.#warm(message);
      default:
        message satisfies never;
    }
  }

  #say(message: FromChild): void {
    if (!this.#ended) this.#events.message(message);
  }

  #exit(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#events.exit(why);
  }

  async #load(options: LoadOptions): Promise<void> {
    try {
      this.#speeds = options.speeds;
      this.#slots = new JobSlots(options.slots);
      const threads = options.speeds?.threads ?? options.threads;
      // Until a measurement says how much of a prompt takes half a second.
      const batchTokens = options.speeds ? chunkTokensAt(options.speeds.prefillTokensPerS) : BATCH_TOKENS;
      await this.#start(options, { threads, batchTokens });
      this.#say({ type: "loaded", contextTokens: options.contextTokens, devices: [] });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const code = /out of memory|failed to allocate|unable to allocate/i.test(why)
        ? "out_of_memory"
        : "engine_crashed";
      const message = `${options.path} with ${options.kvType} cache: ${why}`.slice(0, FAULT_CHARS_MAX);
      this.#say({ type: "load-failed", code, message });
    }
  }

  /** Starts a server, in place of one that runs, and tries it. @throws Error saying why it cannot work. */
  async #start(options: LoadOptions, pace: { threads: number; batchTokens: number }): Promise<void> {
    const previous = this.#process;
    this.#running = null;
    await previous?.end();
    if (this.#killed) throw new Error("the engine was ended");
    const { path: model, contextTokens, slots, kvType, gpu, template } = options;
    const setUp = { folder: this.#folder, model, contextTokens, slots, kvType, gpu, ...pace };
    const process = new ServerProcess({ ...setUp, ...(this.#rpc ? { rpc: this.#rpc } : {}) });
    this.#process = process;
    void this.#tellEnd(process);
    this.#vocabulary ??= readVocabulary(model);
    const [endpoint, vocabulary] = await Promise.all([process.ready(), this.#vocabulary]);
    const server = { endpoint, vocabulary, template, contextTokens };
    await tryOut(server).catch(async (error: unknown) => {
      throw new Error(await Promise.race([process.ended, notYet(error)]), { cause: error });
    });
    this.#running = { process, server, options, ...pace };
  }

  async #tellEnd(process: ServerProcess): Promise<void> {
    const why = await process.ended;
    if (this.#running?.process === process) this.#exit(why);
  }

  #need(): Running {
    if (!this.#running) throw new EngineFailure("engine_crashed", "the engine is not up");
    return this.#running;
  }

  async #measure(threads: readonly number[]): Promise<void> {
    this.#measuring = new AbortController();
    const { signal } = this.#measuring;
    try {
      // A cancelled job may not have ended yet.
      if (this.#jobs.size > 0) throw new EngineFailure("busy", "a job is running");
      this.#speeds = this.#speeds === null ? await this.#tryThreads(threads, signal) : await this.#again(signal);
      this.#say({ type: "measured", speeds: this.#speeds });
    } catch {
      this.#say({ type: "measured", speeds: null });
    }
  }

  /** Before the first job: a server's threads can only be set at its start. */
  async #tryThreads(threads: readonly number[], signal: AbortSignal): Promise<Speeds> {
    const measured: Speeds[] = [];
    for (const count of threads) {
      if (this.#need().threads !== count)
        await this.#start(this.#need().options, { threads: count, batchTokens: BATCH_TOKENS });
      measured.push(await measureRunning(this.#need(), signal));
    }
    const speeds = fastestOf(measured, null);
    await this.#start(this.#need().options, {
      threads: speeds.threads,
      batchTokens: chunkTokensAt(speeds.prefillTokensPerS),
    });
    return speeds;
  }

  async #again(signal: AbortSignal): Promise<Speeds> {
    return fastestOf([await measureRunning(this.#need(), signal)], this.#speeds);
  }

  async #runJob({ id, job }: Extract<ToChild, { type: "generate" }>): Promise<void> {
    const abort = new AbortController();
    this.#jobs.set(id, abort);
    const out = {
      progress: (done: number) => this.#say({ type: "progress", id, done }),
      tokens: (tokens: number[], text: string) => this.#say({ type: "tokens", id, tokens, text }),
    };
    const waiting = setInterval(() => out.progress(0), WAITING_PROGRESS_MS);
    try {
      const release = await this.#slots.take(abort.signal);
      clearInterval(waiting);
      try {
        const reason = await generate(this.#need().server, job, out, abort.signal);
        this.#say({ type: "done", id, reason });
      } finally {
        release();
      }
    } catch (error) {
      if (!abort.signal.aborted) this.#say({ type: "failed", id, ...faultOf(error) });
    } finally {
      clearInterval(waiting);
      this.#jobs.delete(id);
    }
  }

  async #warm({ id, turns }: Extract<ToChild, { type: "warm" }>): Promise<void> {
    const slot = this.#slots.takeForWarming();
    try {
      if (!slot) return;
      const { server } = this.#need();
      const prompt = (await promptIds(server, turns)).slice(0, server.contextTokens - 1);
      await exercise(server.endpoint, { ...READ_ONLY, prompt }, slot.signal);
    } catch {
      // A failed warming only costs time later.
    } finally {
      slot?.release();
      this.#say({ type: "warmed", id });
    }
  }
}

async function tryOut({ endpoint }: LoadedServer): Promise<void> {
  const prompt = await tokenize(endpoint, TRIAL, false);
  await exercise(endpoint, { ...READ_ONLY, n_predict: 2, prompt }, new AbortController().signal);
}

/** The server's own last words say more than a broken connection, and come a moment later. */
async function notYet(error: unknown): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return error instanceof Error ? error.message : String(error);
}

const measureRunning = async ({ process, server, threads }: Running, signal: AbortSignal) =>
  await measureServer({ process, endpoint: server.endpoint, threads }, signal);

function faultOf(error: unknown) {
  const code = error instanceof EngineFailure ? error.code : ("engine_crashed" as const);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : "";
  const words = error instanceof Error ? error.message : String(error);
  return {
    code,
    message: `${words}${cause && !(error instanceof EngineFailure) ? `: ${cause}` : ""}`.slice(0, FAULT_CHARS_MAX),
  };
}
