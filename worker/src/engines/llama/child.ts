/**
 * The llama.cpp child process: one model, its own process, so that an abort inside the engine costs one process
 * and not the daemon. Started by LlamaEngine with an IPC channel; ends when that channel closes.
 */
import { EngineFailure } from "../engine.ts";
import type { FromChild, Speeds, ToChild } from "./child-messages.ts";
import { generate } from "./generate.ts";
import { devicesOf, loadModel, tokenizePrompt } from "./loaded-model.ts";
import type { LoadedModel } from "./loaded-model.ts";
import { measure, useSpeeds } from "./measure.ts";
import { guardThreads } from "./thread-guard.ts";
import { warmPrefix } from "./warm-prefix.ts";

const running = new Map<number, AbortController>();
let loaded: LoadedModel | null = null;
let stopGuard = () => {};
/** Aborts the running measurement when any other request arrives. */
let measuring = new AbortController();

// Ctrl-C reaches the whole foreground process group, but the parent decides when its engine ends.
process.on("SIGINT", () => {});
// There is nothing to save, and threads inside the engine may delay an ordinary exit.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.on("message", (message: ToChild) => void handle(message));

function send(message: FromChild): void {
  process.send?.(message);
}

async function handle(message: ToChild): Promise<void> {
  switch (message.type) {
    case "load":
      return await load(message);
    case "measure":
      return await measureSpeeds(message.threads);
    case "generate":
      measuring.abort();
      return await runJob(message);
    case "cancel":
      return running.get(message.id)?.abort();
    case "warm":
      measuring.abort();
      return await warm(message);
    default:
      message satisfies never;
  }
}

function need(): LoadedModel {
  if (!loaded) throw new Error("a message arrived before the model was loaded");
  return loaded;
}

async function load({ options }: Extract<ToChild, { type: "load" }>): Promise<void> {
  try {
    loaded = await loadModel(options, (done) => send({ type: "loading", done }));
    if (options.speeds) useThreads(loaded, options.speeds);
    send({ type: "loaded", contextTokens: loaded.contextTokens, devices: await devicesOf(loaded) });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const code = /memory|vram|alloc/i.test(text) ? "out_of_memory" : "engine_crashed";
    const hint =
      code === "out_of_memory" ? "" : "; the file may not be whole, or of a kind that this engine does not know";
    send({ type: "load-failed", code, message: `${options.path} cannot be loaded: ${text}${hint}`.slice(0, 400) });
  }
}

/** Applies the measured speeds and threads, and lowers the thread count when other programs need the cores. */
function useThreads(model: LoadedModel, speeds: Speeds): void {
  useSpeeds(model, speeds);
  stopGuard();
  if (!model.llama.gpu) stopGuard = guardThreads(speeds.threads, (threads) => (model.llama.maxThreads = threads));
}

async function measureSpeeds(threads: number[]): Promise<void> {
  measuring = new AbortController();
  const model = need();
  try {
    // A cancelled job may not have ended yet.
    if (running.size > 0) measuring.abort();
    stopGuard();
    const speeds = await measure(model, threads, measuring.signal);
    useThreads(model, speeds);
    send({ type: "measured", speeds });
  } catch {
    if (model.speeds) useThreads(model, model.speeds);
    send({ type: "measured", speeds: null });
  }
}

async function runJob({ id, job }: Extract<ToChild, { type: "generate" }>): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  try {
    const out = {
      progress: (done: number) => send({ type: "progress", id, done }),
      tokens: (tokens: number[], text: string) => send({ type: "tokens", id, tokens, text }),
    };
    const reason = await generate(need(), job, out, abort.signal);
    if (reason) send({ type: "done", id, reason });
  } catch (error) {
    const code = error instanceof EngineFailure ? error.code : "engine_crashed";
    const text = error instanceof Error ? error.message : String(error);
    if (!abort.signal.aborted) send({ type: "failed", id, code, message: text.slice(0, 400) });
  } finally {
    running.delete(id);
  }
}

async function warm({ id, turns }: Extract<ToChild, { type: "warm" }>): Promise<void> {
  try {
    const model = need();
    await warmPrefix(model, tokenizePrompt(model, turns).slice(0, model.contextTokens - 1));
  } catch {
    // A failed warming only costs time later.
  } finally {
    send({ type: "warmed", id });
  }
}
